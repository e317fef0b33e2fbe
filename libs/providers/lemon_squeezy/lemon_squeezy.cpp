#include "providers/lemon_squeezy/lemon_squeezy.hpp"

#include "providers/event_places.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::lemon_squeezy {

namespace {

constexpr SignatureHeader signature{.name = "X-Signature"};

// A subscription's invoices keep their order with it, and refunds with their order.
constexpr EventPlaces places{
    .type = {"/meta/event_name"},
    .account = "/data/attributes/store_id",
    .subject = {"/data/id"},
    .ordering_key = {"/data/attributes/subscription_id", "/data/attributes/order_id", "/data/id"},
    .time = {"/data/attributes/updated_at", "/data/attributes/created_at"},
    .test_mode = "/meta/test_mode"};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, as_pasted);
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& lemon = static_cast<const AccountTrust&>(trust);
    return with_account_in(verify_signed_body(lemon.secrets, signature, received, now), lemon.account,
                           received.body, {"/data/attributes/store_id"});
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return identify_by(places, received);
}

// Nobody may choose more than 40 characters there.
Secret make_secret() {
    return make_hex_secret(20);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    return deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "lemon_squeezy",
                              .title = "Lemon Squeezy",
                              .keys_live = std::nullopt,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::lemon_squeezy
