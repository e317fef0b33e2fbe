#include "enrichment/handler.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "archive/payment_events.hpp"
#include "archive/payment_reading.hpp"
#include "enrichment/customer_fact.hpp"
#include "enrichment/judgement.hpp"
#include "enrichment/known_event.hpp"
#include "enrichment/payment.hpp"
#include "enrichment/plan_limit.hpp"
#include "enrichment/profile.hpp"
#include "enrichment/references.hpp"
#include "journal/append.hpp"
#include "postgres/columns.hpp"
#include "providers/catalogue.hpp"
#include "providers/normalise.hpp"

namespace tollgate::enrichment {

namespace {

using consumer::Outcome;
using consumer::Reject;
using consumer::RetryAfter;
using consumer::Task;
using Known = std::unordered_map<Uuid, KnownEvent>;

// A newer build may know the provider, and takes over while a deployment rolls.
constexpr std::chrono::seconds for_newer_build{10};

// What becomes of one task.
struct Made {
    std::size_t place = 0;  // in the batch
    const KnownEvent* known = nullptr;
    events::PaymentEvent payment;
    std::optional<std::size_t> told{};  // the place of its fact
};

std::expected<Made, Outcome> make(const Task& task, const Known& known) {
    const auto found = known.find(task.id);
    // Another tenant's id in a record is no reason to tell what is stored under it.
    if (found == known.end() || found->second.facts.tenant != task.message->tenant)
        return std::unexpected{Reject{"its event is not in the archive (any more)"}};
    const archive::EventFacts& facts = found->second.facts;
    const providers::Provider* const provider = providers::find(facts.provider);
    if (provider == nullptr) {
        return std::unexpected{
            RetryAfter{.reason = fmt::format("this build knows no provider \"{}\"", facts.provider),
                       .at_least = for_newer_build}};
    }
    auto payment = providers::normalise(*provider, to_raw(found->second, task.message->value.value_or("")));
    if (!payment) return std::unexpected{Reject{payment.error().detail}};
    return Made{.known = &found->second, .payment = std::move(*payment)};
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
        return Payer{.tenant = made.known->facts.tenant,
                     .provider = made.known->facts.provider,
                     .customer = archive::indexed(made.payment.customer().id())};
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
                        .currency = archive::without_zeros(made.payment.amount().currency())});
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

// Stored, and on the way to who reads payment events.
void append(postgres::Transaction& tx, std::span<const Task> batch, const std::vector<Made>& all,
            std::vector<Outcome>& outcomes) {
    std::vector<archive::StoredPayment> payments;
    std::vector<journal::NewEntry> entries;
    for (const Made& made : all) {
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

std::vector<Outcome> EnrichmentHandler::apply(postgres::Transaction& tx, std::span<const Task> batch) {
    const Known known = read_known(tx, batch);
    std::vector<Outcome> outcomes(batch.size(), consumer::Done{});
    auto waits = wait_for_turns(tx, batch, known);
    std::vector<Made> all;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (waits[i]) {
            outcomes[i] = std::move(*waits[i]);
        } else if (auto made = make(batch[i], known)) {
            made->place = i;
            all.push_back(std::move(*made));
        } else {
            outcomes[i] = std::move(made.error());
        }
    }
    resolve_payers(tx, all, outcomes);
    if (all.empty()) return outcomes;
    forget(tx, all);
    tell_histories(tx, all);
    append(tx, batch, all, outcomes);
    return outcomes;
}

}  // namespace tollgate::enrichment
