// Stripe: snapshot events, and the thin events of its API v2. One header, Stripe-Signature, carries the time
// and an HMAC-SHA256 for each of the endpoint's active secrets.
//
// Settings: "tolerance" (seconds), "account" (the connected account, acct_..., that alone may send here).
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/sample_file.hpp"
#include "providers/timed_header.hpp"

namespace tollgate::providers::stripe {

const Provider& provider();

constexpr TimedHeader header{.name = "Stripe-Signature",
                             .parts = {.separator = ",", .time = "t", .signature = "v1"},
                             .joint = ".",
                             .content_type = "application/json; charset=utf-8"};

struct StripeTrust final : Trust {
    StripeTrust(HmacSecrets prepared, std::chrono::seconds tolerated, std::optional<std::string> pinned)
        : secrets{std::move(prepared)}, tolerance{tolerated}, account{std::move(pinned)} {}

    HmacSecrets secrets;
    std::chrono::seconds tolerance;
    std::optional<std::string> account;
};

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Secret make_secret();
Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::stripe
