#include "enrichment/erased.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consumer/erased.hpp"
#include "enrichment/persons.hpp"
#include "events/without_person.hpp"
#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using consumer::NamingEvent;
using Events = std::span<ReadEvent* const>;
using Pseudonyms = std::vector<std::optional<std::string>>;

NamingEvent naming_event(const ReadEvent& event) {
    const Payer payer = payer_of(event);
    return consumer::naming_event(payer.event, payer.tenant, event.payment, payer.realm);
}

Pseudonyms read_pseudonyms(postgres::Transaction& tx, Events events) {
    const auto ids =
        postgres::column(events, [](const ReadEvent* const event) { return event->known->facts.id; });
    return consumer::read_pseudonyms(tx, ids, [&](std::size_t i) { return naming_event(*events[i]); });
}

struct Late {
    std::vector<NamingEvent> events;
    std::vector<std::string_view> pseudonyms;
};

// That of a profile: another that an event has may be somebody else's.
std::string email_of(const ReadEvent& event) {
    const auto person = person_of(event.payment);
    return person ? consumer::in_small_letters(person->email) : std::string{};
}

Late late_events(Events events, const Pseudonyms& pseudonyms) {
    Late late;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!pseudonyms[i]) continue;
        NamingEvent event = naming_event(*events[i]);
        event.email = email_of(*events[i]);
        if (event.customer.empty() || (event.payment.empty() && event.email.empty())) continue;
        late.events.push_back(std::move(event));
        late.pseudonyms.push_back(*pseudonyms[i]);
    }
    return late;
}

// Payments and addresses that the erasure did not know of, because their first event comes after it. False if
// there is nothing new.
bool remember(postgres::Transaction& tx, const Late& late) {
    if (late.events.empty()) return false;
    const auto texts = [&](std::string NamingEvent::* member) {
        return postgres::column(late.events,
                                [=](const NamingEvent& event) -> std::string_view { return event.*member; });
    };
    return tx.execute("select enrichment.remember_late($1, $2, $3, $4, $5, $6, $7)",
                      postgres::column(late.events, [](const NamingEvent& event) { return event.tenant; }),
                      late.pseudonyms, texts(&NamingEvent::provider), texts(&NamingEvent::realm),
                      texts(&NamingEvent::customer), texts(&NamingEvent::payment), texts(&NamingEvent::email))
               .only()
               .get<std::int64_t>(0) > 0;
}

// Events of one batch are known by each other.
void ask_again(postgres::Transaction& tx, Events events, Pseudonyms& pseudonyms) {
    std::vector<ReadEvent*> unknown;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (pseudonyms[i] || !events[i]->payment.customer().id().empty()) continue;
        unknown.push_back(events[i]);
        places.push_back(i);
    }
    auto found = read_pseudonyms(tx, unknown);
    for (std::size_t i = 0; i < places.size(); ++i) pseudonyms[places[i]] = std::move(found[i]);
}

}  // namespace

void forget_erased(postgres::Transaction& tx, Events events) {
    auto pseudonyms = read_pseudonyms(tx, events);
    if (remember(tx, late_events(events, pseudonyms))) ask_again(tx, events, pseudonyms);
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
