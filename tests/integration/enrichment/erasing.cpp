#include "erasing.hpp"

#include <stdexcept>
#include <utility>

namespace tollgate::test {

using enrichment::ErasedCustomer;
using postgres::Transaction;

ErasedCustomer customer(const std::string& id) {
    return {.tenant = shop_tenant, .provider = "stripe", .realm = "", .customer = id};
}

Erasing::Erasing(EnrichmentWorld& world, ErasedCustomer who)
    : world_{world}, operator_{open(world.pipeline().settings("operator"))}, who_{std::move(who)} {
    operator_.execute("select set_config('tollgate.tenant', '*', false)");
    pseudonym_ =
        must(transact(operator_, [&](Transaction& tx) { return enrichment::begin_erasure(tx, who_); }));
}

std::int64_t Erasing::take_facts(std::int32_t most) {
    return must(
        transact(operator_, [&](Transaction& tx) { return enrichment::erase_facts(tx, who_, most); }));
}

void Erasing::take_emails() {
    must(transact(operator_, [&](Transaction& tx) { return enrichment::remember_emails(tx, who_); }));
}

void Erasing::end() {
    must(transact(operator_, [&](Transaction& tx) { return enrichment::end_erasure(tx, who_); }));
    // Here all clocks are one. Ids tell milliseconds, and one of this very millisecond is taken for one of
    // before.
    postgres::Connection owner = world_.pipeline().owner();
    const auto ended = owner
                           .execute(
                               "update consumer.erasure set received_until = clock_timestamp() "
                               "where pseudonym = $1 returning received_until",
                               pseudonym_)
                           .only()
                           .get<Timestamp>(0);
    if (!comes_true([&] { return time_of(make_uuid_v7()) > ended; }))
        throw std::runtime_error{"the clock stands still"};
}

std::string erase(EnrichmentWorld& world, const ErasedCustomer& who) {
    Erasing erasing{world, who};
    erasing.take_facts(1000);
    erasing.take_emails();
    erasing.end();
    return erasing.pseudonym();
}

archive::Event stripe_event(const std::string& type, const std::string& object) {
    return raw_event(
        type,
        fmt::format(R"({{"object": "event", "created": 1790000000, "data": {{"object": {{{}}}}}}})", object));
}

archive::Event signed_up(const std::string& id) {
    return stripe_event(
        "customer.created",
        fmt::format(R"("object": "customer", "id": "{}", "name": "Ada Okafor", "email": "ada@acme.example")",
                    id));
}

archive::Event charge(const std::string& payment, const std::string& more) {
    return stripe_event("charge.succeeded",
                        fmt::format(R"("object": "charge", "id": "ch_{0}", "payment_intent": "{0}",
                                       "amount": 9900, "currency": "usd", "description": "Ada's", {1})",
                                    payment, more));
}

bool names_ada(EnrichmentWorld& world, const archive::Event& event) {
    const auto bytes = world.payment(event.id).value().SerializeAsString();
    return bytes.contains("Ada") || bytes.contains("ada@");
}

void done_over(EnrichmentWorld& world, const std::vector<archive::Event>& events) {
    const auto entries = [&] { return world.count("journal.entry where topic = 'payment'"); };
    const auto before = entries();
    std::vector<Uuid> ids;
    ids.reserve(events.size());
    for (const auto& event : events) ids.push_back(event.id);
    world.redo(ids);
    if (!comes_true([&] { return entries() == before + std::ssize(events); }))
        throw std::runtime_error{"not all were done over"};
}

}  // namespace tollgate::test
