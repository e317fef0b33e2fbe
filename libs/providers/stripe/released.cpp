// What was reserved of a payment and let go again.
#include <algorithm>

#include "providers/fill.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

constexpr std::string_view basil = "2025-03-31";

// What had been counted as given back before; nothing where that is not told.
std::optional<std::int64_t> refunded_before(const Reading& reading, const Currency& currency) {
    const auto earlier =
        whole_units(reading.before.text("/amount_refunded"), currency, decimals_of(currency));
    return earlier ? std::optional{earlier->minor} : std::nullopt;
}

struct Sums {
    std::int64_t reserved;
    std::int64_t captured;
    std::int64_t refunded;
    std::optional<std::int64_t> refunded_before;
};

// Of what is counted as given back of a charge: what its capture has left over. Which version the capture was
// asked for in, which may be another than the event's, shows where the sums allow one of both only. It is
// counted by the capture, before anything else is: where less was counted before and more is now, it never
// was.
std::int64_t left_over(const Sums& sums, bool is_older) {
    const std::int64_t rest = sums.reserved - sums.captured;
    if (rest <= 0 || sums.refunded < rest) return 0;
    if (sums.refunded > sums.captured) return rest;
    const bool was_less = sums.refunded_before && *sums.refunded_before < rest;
    if (was_less && sums.refunded > rest) return 0;
    return is_older ? rest : 0;
}

}  // namespace

bool is_before_basil(std::string_view api_version) {
    return !api_version.empty() && api_version.substr(0, basil.size()) < basil;
}

bool is_only_reserved(const Place& charge) {
    return charge.has("/captured") && !charge.is_true("/captured");
}

std::optional<GivenBack> given_back(const Reading& reading) {
    const Place& charge = reading.object;
    const auto refunded = amount(charge, "/amount_refunded");
    if (!refunded) return std::nullopt;
    const Money nothing{.minor = 0, .currency = refunded->currency};
    if (is_only_reserved(charge)) return GivenBack{.money = nothing, .released = *refunded};
    const auto reserved = amount(charge, "/amount");
    const auto captured = amount(charge, "/amount_captured");
    if (!reserved || !captured) return GivenBack{.money = *refunded, .released = nothing};
    // Of what is captured just now nothing can have gone back.
    const bool is_older = reading.releases_are_refunds || reading.type == "charge.captured";
    GivenBack back{.money = *refunded, .released = nothing};
    back.released.minor = left_over({.reserved = reserved->minor,
                                     .captured = captured->minor,
                                     .refunded = refunded->minor,
                                     .refunded_before = refunded_before(reading, refunded->currency)},
                                    is_older);
    back.money.minor -= back.released.minor;
    return back;
}

void read_released(const Reading& reading) {
    const Place& intent = reading.object;
    const bool has_ended =
        reading.type == "payment_intent.succeeded" || reading.type == "payment_intent.canceled";
    // Without a charge nothing was reserved.
    const bool has_charge = !intent.first_id({"/latest_charge", "/charges/data/0"}).empty();
    if (!reading.releases_are_refunds || !has_ended || !has_charge) return;
    auto released = amount(intent, "/amount");
    const auto received = amount(intent, "/amount_received");
    if (!released || !received || received->minor >= released->minor) return;
    released->minor -= received->minor;
    write(*released, *reading.event.mutable_amount_released());
}

}  // namespace tollgate::providers::stripe
