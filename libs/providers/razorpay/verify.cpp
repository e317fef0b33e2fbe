#include "providers/account_trust.hpp"
#include "providers/json.hpp"
#include "providers/razorpay/razorpay.hpp"

namespace tollgate::providers::razorpay {

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& razorpay = static_cast<const AccountTrust&>(trust);
    Verdict verdict = razorpay.secrets.verdict(received, "X-Razorpay-Signature", Encoding::hex, now);
    if (!std::holds_alternative<Verified>(verdict) || !razorpay.account) return verdict;
    const auto json = Json::parse(received.body);
    if (!json) return Refused{Reason::wrong_account, fmt::format("account_id: {}", json.error().detail)};
    JsonFields fields{*json};
    const auto sent = fields.label("/account_id");
    if (fields.error()) return Refused{Reason::wrong_account, fields.error()->detail};
    if (const auto other = other_account(razorpay.account, sent, "account_id")) return *other;
    return verdict;
}

}  // namespace tollgate::providers::razorpay
