#include "consumer/erased.hpp"

#include <algorithm>

#include "archive/payment_reading.hpp"

namespace tollgate::consumer {

namespace {

constexpr std::string_view select_pseudonyms =
    "select place, pseudonym from consumer.pseudonyms($1, $2, $3, $4, $5, $6, $7)";

std::string payment_of(const events::PaymentEvent& event) {
    const auto& references = event.references();
    for (const std::string* id :
         {&references.payment_id(), &references.charge_id(), &references.order_id()}) {
        if (!id->empty()) return archive::indexed(*id);
    }
    const auto kind = event.subject().kind();
    const bool is_payment = kind == v1::SUBJECT_KIND_PAYMENT || kind == v1::SUBJECT_KIND_CHARGE;
    return is_payment ? archive::indexed(event.subject().id()) : std::string{};
}

struct Questions {
    std::vector<std::int64_t> places;
    std::vector<Uuid> tenants;
    std::vector<Timestamp> received;
    std::vector<std::string_view> providers;
    std::vector<std::string_view> realms;
    std::vector<std::string_view> kinds;
    std::vector<std::string_view> names;

    void add(std::size_t place, const NamingEvent& event, std::string_view kind, std::string_view name) {
        if (name.empty()) return;
        places.push_back(static_cast<std::int64_t>(place));
        tenants.push_back(event.tenant);
        received.push_back(time_of(event.id));
        providers.push_back(event.provider);
        realms.push_back(event.realm);
        kinds.push_back(kind);
        names.push_back(name);
    }
};

Questions questions_of(std::span<const NamingEvent> events) {
    Questions questions;
    for (std::size_t i = 0; i < events.size(); ++i) {
        questions.add(i, events[i], "customer", events[i].customer);
        if (!events[i].customer.empty()) continue;
        questions.add(i, events[i], "payment", events[i].payment);
        questions.add(i, events[i], "email", events[i].email);
    }
    return questions;
}

}  // namespace

std::string in_small_letters(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

NamingEvent naming_event(const Uuid& id, const Uuid& tenant, const events::PaymentEvent& event,
                         const std::string& realm) {
    return {.id = id,
            .tenant = tenant,
            .provider = event.provider(),
            .realm = realm,
            .customer = archive::indexed(event.customer().id()),
            .payment = payment_of(event),
            .email = in_small_letters(archive::without_zeros(event.customer().email()))};
}

std::vector<std::optional<std::string>> read_pseudonyms(
    postgres::Transaction& tx, std::span<const Uuid> events,
    const std::function<NamingEvent(std::size_t place)>& names) {
    std::vector<std::optional<std::string>> pseudonyms(events.size());
    if (events.empty()) return pseudonyms;
    const auto first = time_of(std::ranges::min(events));
    if (!tx.execute("select consumer.look_for_erasures($1)", first).only().get<bool>(0)) return pseudonyms;
    std::vector<NamingEvent> named;
    named.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) named.push_back(names(i));
    const Questions asked = questions_of(named);
    if (asked.places.empty()) return pseudonyms;
    for (const postgres::Row row : tx.execute(select_pseudonyms, asked.places, asked.tenants, asked.received,
                                              asked.providers, asked.realms, asked.kinds, asked.names))
        pseudonyms.at(static_cast<std::size_t>(row.get<std::int64_t>(0))) = row.get<std::string>(1);
    return pseudonyms;
}

std::int64_t forget_erasures(postgres::Transaction& tx, std::int64_t at_most) {
    return tx.execute("select consumer.forget_erasures($1)", at_most).only().get<std::int64_t>(0);
}

}  // namespace tollgate::consumer
