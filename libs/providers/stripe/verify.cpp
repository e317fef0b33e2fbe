#include "providers/account_trust.hpp"
#include "providers/json.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

namespace {

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
    Verdict verdict = verify_timed(stripe.secrets, header, stripe.tolerance, received, now);
    if (!std::holds_alternative<Verified>(verdict) || !stripe.account) return verdict;
    if (auto other = other_account_in(received.body, stripe.account)) return *std::move(other);
    return verdict;
}

}  // namespace tollgate::providers::stripe
