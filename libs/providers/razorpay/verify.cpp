#include "providers/razorpay/razorpay.hpp"
#include "providers/signed_body.hpp"

namespace tollgate::providers::razorpay {

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& razorpay = static_cast<const AccountTrust&>(trust);
    return with_account_in(
        verify_signed_body(razorpay.secrets, {.name = "X-Razorpay-Signature"}, received, now), razorpay,
        received.body, "/account_id");
}

}  // namespace tollgate::providers::razorpay
