#include "providers/paystack/paystack.hpp"

#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::paystack {

namespace {

constexpr SignatureHeader signature{.name = "X-Paystack-Signature"};

constexpr EventPlaces places{
    .type = {"/event"},
    .subject = {"/data/reference", "/data/subscription_code", "/data/id"},
    .ordering_key = {"/data/subscription/subscription_code", "/data/subscription_code", "/data/reference",
                     "/data/transaction_reference"},
    .time = {"/data/updated_at", "/data/paid_at", "/data/created_at", "/data/createdAt"},
    .test_mode = "/data/domain"};

Result<Secret> key_of(const SourceSecret& secret) {
    if (secret.value.reveal().starts_with("pk_"))
        return not_a_secret(secret, "is a public key; webhooks are signed with the secret key, sk_...");
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of,
                              {.hash = crypto::HmacHash::sha512, .account = false});
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    return verify_signed_body(static_cast<const AccountTrust&>(trust).secrets, signature, received, now);
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return identify_by(places, received);
}

Secret make_secret() {
    return make_hex_secret(20, "sk_test_");
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    return deliver_signed_body(provider(), signature, crypto::HmacHash::sha512, settings, secret, sample);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "paystack",
                              .title = "Paystack",
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

}  // namespace tollgate::providers::paystack
