#include "enrichment/erased.hpp"

#include <string>
#include <utility>

#include "consumer/erased.hpp"
#include "events/without_person.hpp"
#include "postgres/columns.hpp"

namespace tollgate::enrichment {

void forget_erased(postgres::Transaction& tx, std::span<ReadEvent* const> events) {
    const auto ids =
        postgres::column(events, [](const ReadEvent* const event) { return event->known->facts.id; });
    const auto pseudonyms = consumer::read_pseudonyms(tx, ids, [&](std::size_t i) {
        const Payer payer = payer_of(*events[i]);
        return consumer::naming_event(payer.event, payer.tenant, events[i]->payment, payer.realm);
    });
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!pseudonyms[i]) continue;
        ReadEvent& event = *events[i];
        event.is_erased = true;
        events::forget_person(event.payment);
        // Whose payment it is about is known by that payment.
        if (event.payment.customer().id().empty()) continue;
        event.erased_id =
            std::exchange(*event.payment.mutable_customer()->mutable_id(), std::string{*pseudonyms[i]});
    }
}

void name_by_id(ReadEvent& event) {
    if (!event.erased_id.empty()) event.payment.mutable_customer()->set_id(event.erased_id);
}

}  // namespace tollgate::enrichment
