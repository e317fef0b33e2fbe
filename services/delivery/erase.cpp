#include "delivery/erase.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "events/without_person.hpp"
#include "postgres/columns.hpp"

namespace tollgate::delivery {

ErasableEvents read_told_events(postgres::Transaction& tx, const Uuid& tenant, const Uuid& behind,
                                std::int32_t most) {
    ErasableEvents told{.events = {}, .last = behind};
    const auto rows = tx.execute(
        "select event_id, value from delivery.event where tenant = $1 and event_id > $2 "
        "order by event_id limit $3",
        tenant, behind, most);
    told.are_all = std::cmp_less(rows.size(), most);
    for (const auto row : rows) {
        told.last = row.get<Uuid>(0);
        auto event = events::decode_payment_event(row.get<std::string_view>(1));
        if (event) told.events.push_back({.id = told.last, .event = std::move(*event)});
    }
    return told;
}

std::string without_person(events::PaymentEvent& event, std::string_view pseudonym) {
    events::put_pseudonym(event, pseudonym);
    auto bytes = events::encode(event);
    // It was decoded from what `encode` accepts.
    if (!bytes) throw std::runtime_error{bytes.error().text()};
    return std::move(*bytes);
}

std::int64_t pseudonymise(postgres::Transaction& tx, const Uuid& tenant,
                          std::span<const ErasableEvent> events, std::string_view pseudonym) {
    const auto values = postgres::column(events, [&](const ErasableEvent& each) {
        events::PaymentEvent event = each.event;
        return without_person(event, pseudonym);
    });
    return tx
        .execute("select delivery.pseudonymise($1, $2, $3)", tenant,
                 postgres::column(events, [](const ErasableEvent& each) { return each.id; }),
                 postgres::column(values, [](const std::string& each) { return postgres::Bytes{each}; }))
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::delivery
