#include <array>

#include "providers/account_trust.hpp"
#include "providers/json.hpp"
#include "providers/signature_parts.hpp"
#include "providers/signed_time.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

namespace {

constexpr std::string_view header = "Stripe-Signature";

// A thin event names the account in its context.
std::optional<Refused> other_account_in(std::string_view body, const std::optional<std::string>& account) {
    const auto json = Json::parse(body);
    if (!json) return Refused{Reason::wrong_account, fmt::format("account: {}", json.error().detail)};
    JsonFields fields{*json};
    const auto sent = fields.label("/account");
    const auto context = fields.label("/context");
    if (fields.error())
        return Refused{Reason::wrong_account, fmt::format("account: {}", fields.error()->detail)};
    return other_account(account, sent ? sent : context, "account");
}

}  // namespace

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& stripe = static_cast<const StripeTrust&>(trust);
    if (!stripe.secrets.any_valid_at(now)) return no_secret(stripe.secrets.size());
    const auto value = proof_header(received.headers, header);
    if (!value) return value.error();
    const auto parts =
        read_signature_parts(*value, {.separator = ",", .time = "t", .signature = "v1"}, header);
    if (!parts) return parts.error();
    const auto signed_at = read_unix_seconds(parts->time);
    if (!signed_at) return Refused{Reason::proof_malformed, "Stripe-Signature: t= is no time in seconds"};
    const auto signatures =
        decode_signatures(parts->signatures, Encoding::hex, bytes_of(stripe.secrets.hash()), header);
    if (!signatures) return signatures.error();
    const auto secret = stripe.secrets.signer(
        std::array<std::string_view, 3>{parts->time, ".", received.body}, *signatures, now);
    if (!secret) return Refused{Reason::proof_wrong, "Stripe-Signature: fits none of the secrets"};
    if (const auto outside = outside_tolerance(*signed_at, now, stripe.tolerance, "Stripe-Signature: t"))
        return *outside;
    if (stripe.account) {
        if (const auto other = other_account_in(received.body, stripe.account)) return *other;
    }
    return Verified{.proof = Proof::signature, .secret = secret};
}

}  // namespace tollgate::providers::stripe
