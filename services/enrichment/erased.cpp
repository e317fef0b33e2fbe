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

// Pseudonyms begin so.
constexpr std::string_view select_of_others =
    "select w.place from unnest($1, $2, $3, $4) with ordinality w(tenant, provider, realm, payment, place) "
    "where exists (select from enrichment.fact f where f.tenant = w.tenant and f.provider = w.provider "
    "  and f.payment = w.payment and f.realm = w.realm and not starts_with(f.customer, 'erased-'))";

std::vector<std::string_view> texts(const std::vector<NamingEvent>& events,
                                    std::string NamingEvent::* member) {
    return postgres::column(events,
                            [=](const NamingEvent& event) -> std::string_view { return event.*member; });
}

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
    return tx.execute("select enrichment.remember_late($1, $2, $3, $4, $5, $6, $7)",
                      postgres::column(late.events, [](const NamingEvent& event) { return event.tenant; }),
                      late.pseudonyms, texts(late.events, &NamingEvent::provider),
                      texts(late.events, &NamingEvent::realm), texts(late.events, &NamingEvent::customer),
                      texts(late.events, &NamingEvent::payment), texts(late.events, &NamingEvent::email))
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

// Whom an address tells of is asked for by the payment alone, if facts say that it is somebody else's who was
// not erased: the address may be a second customer's.
void spare_others(postgres::Transaction& tx, Events events, Pseudonyms& pseudonyms) {
    std::vector<NamingEvent> by_email;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!pseudonyms[i]) continue;
        NamingEvent event = naming_event(*events[i]);
        if (!event.customer.empty() || event.payment.empty() || event.email.empty()) continue;
        event.email.clear();
        by_email.push_back(std::move(event));
        places.push_back(i);
    }
    if (by_email.empty()) return;
    const auto rows = tx.execute(
        select_of_others, postgres::column(by_email, [](const NamingEvent& event) { return event.tenant; }),
        texts(by_email, &NamingEvent::provider), texts(by_email, &NamingEvent::realm),
        texts(by_email, &NamingEvent::payment));
    std::vector<NamingEvent> doubtful;
    std::vector<std::size_t> of_events;
    for (const auto row : rows) {
        const auto i = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        doubtful.push_back(by_email[i]);
        of_events.push_back(places[i]);
    }
    auto by_payment = consumer::read_pseudonyms(
        tx, postgres::column(doubtful, [](const NamingEvent& event) { return event.id; }),
        [&](std::size_t i) { return doubtful[i]; });
    for (std::size_t i = 0; i < of_events.size(); ++i) pseudonyms[of_events[i]] = std::move(by_payment[i]);
}

}  // namespace

void forget_erased(postgres::Transaction& tx, Events events) {
    auto pseudonyms = read_pseudonyms(tx, events);
    if (remember(tx, late_events(events, pseudonyms))) ask_again(tx, events, pseudonyms);
    spare_others(tx, events, pseudonyms);
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
