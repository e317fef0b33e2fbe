#include "providers/razorpay/razorpay.hpp"

#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::razorpay {

namespace {

constexpr SignatureHeader signature{.name = "X-Razorpay-Signature"};
constexpr std::string_view id_header = "X-Razorpay-Event-Id";

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

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& razorpay = static_cast<const AccountTrust&>(trust);
    return with_account_in(verify_signed_body(razorpay.secrets, signature, received, now), razorpay.account,
                           received.body, {"/account_id"});
}

Secret make_secret() {
    return make_hex_secret(20);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    auto delivery =
        deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
    if (delivery) add_unless_there(delivery->headers, id_header, id_from_body(sample.body));
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "razorpay",
                              .title = "Razorpay",
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::everywhere,
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
