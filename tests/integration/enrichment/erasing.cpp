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

void Erasing::end() {
    must(transact(operator_, [&](Transaction& tx) { return enrichment::end_erasure(tx, who_); }));
    // Ids tell milliseconds, and one of this very millisecond is taken for one of before.
    postgres::Connection owner = world_.pipeline().owner();
    const auto ended = owner.execute("select clock_timestamp()").only().get<Timestamp>(0);
    if (!comes_true([&] { return time_of(make_uuid_v7()) > ended; }))
        throw std::runtime_error{"the clock stands still"};
}

std::string erase(EnrichmentWorld& world, const ErasedCustomer& who) {
    Erasing erasing{world, who};
    erasing.take_facts(1000);
    erasing.end();
    return erasing.pseudonym();
}

}  // namespace tollgate::test
