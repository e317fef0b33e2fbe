#include "providers/paddle/paddle.hpp"

#include <array>

#include "crypto/hex.hpp"
#include "crypto/random.hpp"
#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signature_parts.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::paddle {

namespace {

constexpr std::string_view header = "Paddle-Signature";

// A transaction, its adjustments and its subscription belong together.
constexpr EventPlaces places{.type = {"/event_type"},
                             .id = {"/event_id"},
                             .subject = {"/data/id"},
                             .ordering_key = {"/data/subscription_id", "/data/transaction_id", "/data/id"},
                             .time = {"/occurred_at"}};

Result<Secret> key_of(const SourceSecret& secret) {
    if (secret.value.reveal().starts_with("pdl_live_") || secret.value.reveal().starts_with("pdl_sdbx_")) {
        return not_a_secret(secret,
                            "is an API key; the secret key of the notification destination begins with "
                            "pdl_ntfset_");
    }
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of, {.account = false, .tolerance = tolerance_default});
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& paddle = static_cast<const AccountTrust&>(trust);
    if (!paddle.secrets.any_valid_at(now)) return no_secret(paddle.secrets.size());
    const auto value = proof_header(received.headers, header);
    if (!value) return value.error();
    const auto parts =
        read_signature_parts(*value, {.separator = ";", .time = "ts", .signature = "h1"}, header);
    if (!parts) return parts.error();
    const auto signed_at = read_unix_seconds(parts->time);
    if (!signed_at) return Refused{Reason::proof_malformed, "Paddle-Signature: ts= is no time in seconds"};
    const auto signatures =
        decode_signatures(parts->signatures, Encoding::hex, bytes_of(paddle.secrets.hash()), header);
    if (!signatures) return signatures.error();
    const auto secret = paddle.secrets.signer(
        std::array<std::string_view, 3>{parts->time, ":", received.body}, *signatures, now);
    if (!secret) return Refused{Reason::proof_wrong, "Paddle-Signature: fits none of the secrets"};
    if (auto outside = outside_tolerance(*signed_at, now, paddle.tolerance, "Paddle-Signature: ts"))
        return *std::move(outside);
    return Verified{.proof = Proof::signature, .secret = secret};
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    auto items = identify_by(places, received);
    // One that is made names the transaction that it began with.
    if (items && items->front().type.starts_with("subscription."))
        items->front().ordering_key = items->front().subject;
    return items;
}

Secret make_secret() {
    return Secret{"pdl_ntfset_" + crypto::hex_encode(crypto::random_bytes(16))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const std::string time = unix_seconds(now);
    const SignatureHeader signature{.name = header, .prefix = "h1="};
    auto delivery = deliver_signed(sample, signature, crypto::HmacHash::sha256, secret,
                                   std::array<std::string_view, 3>{time, ":", sample.body});
    if (delivery)
        delivery->headers.set(header, fmt::format("ts={};{}", time, *delivery->headers.get(header)));
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // A notification of the last 90 days can be sent again by hand, with a fresh time.
    static const Provider row{.name = "paddle",
                              .title = "Paddle Billing",
                              .keys_live = std::chrono::days{100},
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

}  // namespace tollgate::providers::paddle
