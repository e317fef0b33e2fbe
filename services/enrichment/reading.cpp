#include "enrichment/reading.hpp"

#include <chrono>

#include "archive/payment_reading.hpp"
#include "enrichment/payment.hpp"
#include "providers/catalogue.hpp"
#include "providers/normalise.hpp"
#include "providers/realm.hpp"

namespace tollgate::enrichment {

namespace {

using consumer::Outcome;
using consumer::Reject;
using consumer::RetryAfter;

// A newer build may know the provider, and takes over while a deployment rolls.
constexpr std::chrono::seconds for_newer_build{10};

}  // namespace

std::expected<ReadEvent, Outcome> read_event(const consumer::Task& task, const Known& known) {
    const auto found = known.find(task.id);
    // Another tenant's id in a record is no reason to tell what is stored under it.
    if (found == known.end() || found->second.facts.tenant != task.message->tenant)
        return std::unexpected{Reject{
            "its event is not in the archive any more, nor the account, mode and proof that it is read "
            "with: its day was dropped, or somebody else put it on the bus. No replay helps: export it, have "
            "it "
            "sent again, discard it"}};
    const archive::EventFacts& facts = found->second.facts;
    const providers::Provider* const provider = providers::find(facts.provider);
    if (provider == nullptr) {
        return std::unexpected{
            RetryAfter{.reason = fmt::format("this build knows no provider \"{}\"", facts.provider),
                       .at_least = for_newer_build}};
    }
    auto payment = providers::normalise(*provider, to_raw(found->second, task.message->value.value_or("")));
    if (!payment) return std::unexpected{Reject{payment.error().detail}};
    return ReadEvent{.known = &found->second, .payment = std::move(*payment)};
}

Payer payer_of(const ReadEvent& event) {
    return {.tenant = event.known->facts.tenant,
            .provider = event.known->facts.provider,
            .customer = archive::indexed(event.payment.customer().id()),
            .realm = archive::indexed(providers::realm_of(event.payment)),
            .event = event.known->facts.id};
}

}  // namespace tollgate::enrichment
