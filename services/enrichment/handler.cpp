#include "enrichment/handler.hpp"

#include <chrono>
#include <expected>
#include <unordered_map>
#include <utility>

#include "archive/payment_events.hpp"
#include "enrichment/known_event.hpp"
#include "enrichment/payment.hpp"
#include "journal/append.hpp"
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

std::expected<archive::StoredPayment, Outcome> payment_of(const Task& task, const Known& known) {
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
    const auto payment =
        providers::normalise(*provider, to_raw(found->second, task.message->value.value_or("")));
    if (!payment) return std::unexpected{Reject{payment.error().detail}};
    auto stored = to_stored(facts, *payment);
    if (!stored) return std::unexpected{Reject{stored.error().detail}};
    return std::move(*stored);
}

}  // namespace

std::vector<Outcome> EnrichmentHandler::apply(postgres::Transaction& tx, std::span<const Task> batch) {
    const Known known = read_known(tx, batch);
    std::vector<Outcome> outcomes;
    std::vector<archive::StoredPayment> payments;
    std::vector<journal::NewEntry> entries;
    for (const Task& task : batch) {
        auto payment = payment_of(task, known);
        if (!payment) {
            outcomes.push_back(std::move(payment.error()));
            continue;
        }
        entries.push_back({.tenant = payment->tenant, .topic = "payment", .event_id = payment->id});
        payments.push_back(std::move(*payment));
        outcomes.emplace_back(consumer::Done{});
    }
    if (payments.empty()) return outcomes;
    archive::write_payments(tx, payments);
    journal::append(tx, entries);
    return outcomes;
}

}  // namespace tollgate::enrichment
