#include "enrichment/handler.hpp"

#include <optional>
#include <string>
#include <utility>

#include "archive/payment_events.hpp"
#include "archive/payment_reading.hpp"
#include "enrichment/companies.hpp"
#include "enrichment/customer_fact.hpp"
#include "enrichment/domains.hpp"
#include "enrichment/erased.hpp"
#include "enrichment/judgement.hpp"
#include "enrichment/lookups.hpp"
#include "enrichment/payment.hpp"
#include "enrichment/persons.hpp"
#include "enrichment/plan_limit.hpp"
#include "enrichment/profile.hpp"
#include "enrichment/reading.hpp"
#include "enrichment/references.hpp"
#include "enrichment/upkeep.hpp"
#include "journal/append.hpp"
#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using consumer::Outcome;
using consumer::Reject;
using consumer::Task;
struct Made : ReadEvent {
    std::size_t place = 0;              // in the batch
    std::optional<std::size_t> told{};  // the place of its fact
};

void forget_persons(postgres::Transaction& tx, std::vector<Made>& all) {
    std::vector<ReadEvent*> events;
    events.reserve(all.size());
    for (Made& made : all) events.push_back(&made);
    forget_erased(tx, events);
}

// What was read of these events before, when one of them is done over, or comes again after its day.
void forget(postgres::Transaction& tx, const std::vector<Made>& all) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> events;
    for (const Made& made : all) {
        tenants.push_back(made.known->facts.tenant);
        events.push_back(made.known->facts.id);
    }
    forget_facts(tx, tenants, events);
}

// Who the payers are in the tenants' own systems. Those that wait for it are taken out.
void resolve_payers(postgres::Transaction& tx, std::vector<Made>& all, std::vector<Outcome>& outcomes) {
    const auto payers = postgres::column(all, [](const Made& made) {
        Payer payer = payer_of(made);
        // Nobody is asked, nor kept, of somebody who was erased.
        if (made.is_erased) payer.customer.clear();
        return payer;
    });
    const auto resolutions = resolve(tx, payers);
    std::vector<Made> going_on;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Resolution& resolution = resolutions[i];
        if (resolution.is_wanted && !resolution.reference) {
            outcomes[all[i].place] = hold_unmapped(payers[i], resolution);
            continue;
        }
        if (resolution.reference) all[i].payment.set_external_reference(*resolution.reference);
        going_on.push_back(std::move(all[i]));
    }
    all = std::move(going_on);
}

void tell_companies(postgres::Transaction& tx, std::vector<Made>& all) {
    const auto domains = postgres::column(
        all, [](const Made& made) { return company_domain(made.payment.customer().email()).value_or(""); });
    const auto companies = read_companies(tx, domains);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto found = companies.find(domains[i]);
        if (found != companies.end()) *all[i].payment.mutable_company() = found->second;
    }
}

// Of a batch all facts are kept before a history is read, so that its order does not matter.
void tell_histories(postgres::Transaction& tx, std::vector<Made>& all) {
    std::vector<ToldFact> told;
    for (Made& made : all) {
        auto fact = fact_of(made.payment);
        if (!fact) continue;
        made.told = told.size();
        told.push_back({.event = made.known->facts.id,
                        .tenant = made.known->facts.tenant,
                        .provider = made.known->facts.provider,
                        .fact = std::move(*fact),
                        .currency = archive::without_zeros(made.payment.amount().currency()),
                        .realm = payer_of(made).realm});
    }
    keep_facts(tx, told);
    auto histories = read_histories(tx, told);
    for (Made& made : all) {
        if (made.told && histories[*made.told])
            *made.payment.mutable_history() = std::move(*histories[*made.told]);
        made.payment.set_priority(priority_of(made.payment));
        made.payment.set_advice(std::string{advice_of(made.payment)});
    }
}

CustomerKey key_of(const Made& made) {
    const Payer payer = payer_of(made);
    return {.tenant = payer.tenant,
            .provider = payer.provider,
            .realm = payer.realm,
            .customer = payer.customer,
            .is_test = made.payment.mode() == v1::MODE_TEST};
}

// Those of the batch are kept first, as the facts are.
void tell_persons(postgres::Transaction& tx, std::vector<Made>& all) {
    std::vector<ToldPerson> told;
    std::vector<CustomerKey> keys;
    for (const Made& made : all) {
        keys.push_back(key_of(made));
        if (auto person = person_of(made.payment)) {
            told.push_back(
                {.customer = keys.back(),
                 .person = std::move(*person),
                 .at = archive::provider_time(made.payment).value_or(time_of(made.known->facts.id))});
        }
    }
    keep_persons(tx, told);
    const auto persons = read_persons(tx, keys);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (persons[i]) complete(*persons[i], *all[i].payment.mutable_customer());
    }
}

// Stored, and on the way to who reads payment events.
void append(postgres::Transaction& tx, std::span<const Task> batch, std::vector<Made>& all,
            std::vector<Outcome>& outcomes) {
    std::vector<archive::StoredPayment> payments;
    std::vector<journal::NewEntry> entries;
    for (Made& made : all) {
        name_by_id(made);
        auto stored = to_stored(made.known->facts, made.payment);
        if (!stored) {
            outcomes[made.place] = Reject{stored.error().detail};
            continue;
        }
        journal::NewEntry entry{.tenant = stored->tenant, .topic = "payment", .event_id = stored->id};
        if (batch[made.place].cause == consumer::Cause::redo) entry.headers = R"({"again": true})";
        entries.push_back(std::move(entry));
        payments.push_back(std::move(*stored));
    }
    if (payments.empty()) return;
    archive::write_payments(tx, payments);
    journal::append(tx, entries);
}

}  // namespace

EnrichmentHandler::EnrichmentHandler() = default;
EnrichmentHandler::EnrichmentHandler(std::unique_ptr<Lookups> lookups, std::unique_ptr<Upkeep> upkeep)
    : lookups_{std::move(lookups)}, upkeep_{std::move(upkeep)} {}

EnrichmentHandler::~EnrichmentHandler() = default;

Result<void> EnrichmentHandler::prepare(std::span<const Task> batch,
                                        std::chrono::steady_clock::time_point end) {
    return lookups_->look_up(batch, end);
}

std::vector<Outcome> EnrichmentHandler::apply(postgres::Transaction& tx, std::span<const Task> batch) {
    const Known known = read_known(tx, batch);
    std::vector<Outcome> outcomes(batch.size(), consumer::Done{});
    auto waits = wait_for_turns(tx, batch, known);
    std::vector<Made> all;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (waits[i]) {
            outcomes[i] = std::move(*waits[i]);
        } else if (auto event = read_event(batch[i], known)) {
            all.push_back({std::move(*event), i});
        } else {
            outcomes[i] = std::move(event.error());
        }
    }
    forget_persons(tx, all);
    resolve_payers(tx, all, outcomes);
    if (all.empty()) return outcomes;
    forget(tx, all);
    tell_histories(tx, all);
    tell_persons(tx, all);
    if (lookups_ && lookups_->finds_companies()) tell_companies(tx, all);
    append(tx, batch, all, outcomes);
    return outcomes;
}

}  // namespace tollgate::enrichment
