#include "providers/square/square.hpp"

#include <array>

#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::square {

namespace {

constexpr SignatureHeader signature{.name = "X-Square-HmacSha256-Signature", .encoding = Encoding::base64};

// Refunds and disputes keep their order with the payment that they are of.
constexpr EventPlaces places{
    .type = {"/type"},
    .id = {"/event_id"},
    .account = "/merchant_id",
    .subject = {"/data/id"},
    .ordering_key = {"/data/object/refund/payment_id", "/data/object/dispute/disputed_payment/payment_id",
                     "/data/object/payment/id", "/data/id"},
    .time = {"/created_at"}};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, as_pasted, {.url = true});
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& square = static_cast<const AccountTrust&>(trust);
    const std::string_view url = square.url_of(received);
    const std::array<std::string_view, 2> parts{url, received.body};
    Verdict verdict = with_url_told(verify_signed(square.secrets, signature, received, parts, now), url);
    return with_account_in(std::move(verdict), square.account, received.body, {"/merchant_id"});
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    auto items = identify_by(places, received);
    if (!items) return items;
    const auto environment = received.headers.get("Square-Environment");
    if (environment == "Production") items->front().mode = Mode::live;
    if (environment == "Sandbox") items->front().mode = Mode::test;
    return items;
}

Secret make_secret() {
    return Secret{crypto::base64url_encode(crypto::random_bytes(16))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto url = signed_url(**good, sample);
    if (!url) return std::unexpected{url.error()};
    auto delivery = deliver_signed(sample, signature, crypto::HmacHash::sha256, secret,
                                   std::array<std::string_view, 2>{*url, sample.body});
    if (delivery) delivery->headers.set("Square-Environment", "Sandbox");
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "square",
                              .title = "Square",
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

}  // namespace tollgate::providers::square
