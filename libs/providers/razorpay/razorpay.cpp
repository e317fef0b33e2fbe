#include "providers/razorpay/razorpay.hpp"

#include "providers/account_trust.hpp"
#include "providers/samples.hpp"

namespace tollgate::providers::razorpay {

namespace {

Result<Secret> key_of(const SourceSecret& secret) {
    const std::string& text = secret.value.reveal();
    if (text.starts_with("rzp_live_") || text.starts_with("rzp_test_")) {
        return not_a_secret(secret, "is an API key id; the secret is the one that was set for the webhook");
    }
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "razorpay",
                              .title = "Razorpay",
                              .keys_live = std::nullopt,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::razorpay
