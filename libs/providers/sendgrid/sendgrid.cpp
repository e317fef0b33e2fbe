#include "providers/sendgrid/sendgrid.hpp"

#include <algorithm>

#include "crypto/base64.hpp"
#include "crypto/sha256_signature.hpp"
#include "providers/event_places.hpp"
#include "providers/hmac_secrets.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signed_time.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::sendgrid {

namespace {

constexpr std::string_view header = "X-Twilio-Email-Event-Webhook-Signature";
constexpr std::string_view time_header = "X-Twilio-Email-Event-Webhook-Timestamp";
constexpr std::chrono::hours tolerated{26};

constexpr EventPlaces places{.type = {"/event"},
                             .id = {"/sg_event_id"},
                             .subject = {"/sg_message_id"},
                             .ordering_key = {"/sg_message_id"},
                             .time = {"/timestamp"}};

struct SendgridTrust final : Trust {
    std::vector<DatedKey<crypto::PublicKey>> keys;
    std::chrono::seconds tolerance{};
};

Result<crypto::PrivateKey> private_key_of(const Secret& secret) {
    auto bytes = crypto::base64_decode(secret.reveal());
    if (!bytes) return std::unexpected{bytes.error()};
    return crypto::PrivateKey::from_der(Secret{*std::move(bytes)});
}

Result<crypto::PublicKey> public_key_of(const SourceSecret& secret) {
    if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
    const auto bytes = crypto::base64_decode(secret.value.reveal());
    if (!bytes) return not_a_secret(secret, "is no public key: the one that SendGrid shows begins with MFkw");
    if (auto key = crypto::PublicKey::from_der(*bytes)) return key;
    if (const auto key = private_key_of(secret.value)) return key->public_key();
    return not_a_secret(secret, "is no public key: the one that SendGrid shows begins with MFkw");
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto trust = std::make_shared<SendgridTrust>();
    trust->tolerance = reader->seconds("tolerance", tolerated, std::chrono::seconds{1}, tolerated);
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    for (const SourceSecret& secret : secrets) {
        auto key = public_key_of(secret);
        if (!key) return std::unexpected{key.error()};
        trust->keys.emplace_back(secret, *std::move(key));
    }
    return trust;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& sendgrid = static_cast<const SendgridTrust&>(trust);
    if (!any_valid_at(sendgrid.keys, now)) return no_secret(sendgrid.keys.size());
    const auto value = proof_header(received.headers, header);
    if (!value) return value.error();
    const auto time = proof_header(received.headers, time_header);
    if (!time) return time.error();
    const auto signature = crypto::base64_decode(*value);
    if (!signature)
        return Refused{Reason::proof_malformed, fmt::format("{}: {}", header, signature.error().detail)};
    const auto signed_at = read_unix_seconds(*time);
    if (!signed_at)
        return Refused{Reason::proof_malformed, fmt::format("{}: is no time in seconds", time_header)};
    const auto signer = std::ranges::find_if(sendgrid.keys, [&](const auto& key) {
        return is_valid_at(key, now) && key.key.verifies({*time, received.body}, *signature);
    });
    if (signer == sendgrid.keys.end())
        return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the keys", header)};
    if (auto outside = outside_tolerance(*signed_at, now, sendgrid.tolerance, time_header))
        return *std::move(outside);
    return Verified{.proof = Proof::signature, .secret = signer->id};
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    return identify_each_by(places, *json, json->root());
}

Secret make_secret() {
    return Secret{crypto::base64_encode(crypto::PrivateKey::make().der().reveal())};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto key = private_key_of(secret);
    if (!key) return fail(ErrorCode::invalid, "a public key cannot sign: samples need a private one");
    const std::string time = unix_seconds(now);
    Delivery delivery = delivery_of(sample, "application/json");
    delivery.headers.set(header, crypto::base64_encode(key->sign({time, sample.body})));
    delivery.headers.set(time_header, time);
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "sendgrid",
                              .title = "SendGrid",
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

}  // namespace tollgate::providers::sendgrid
