#include "providers/flutterwave/flutterwave.hpp"

#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/sent_secret.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::flutterwave {

namespace {

constexpr SignatureHeader signature{.name = "Flutterwave-Signature", .encoding = Encoding::base64};
constexpr std::string_view token_header = "Verif-Hash";

constexpr EventPlaces places_3{.type = {"/event"},
                               .subject = {"/data/id"},
                               .ordering_key = {"/data/tx_ref", "/data/reference"},
                               .time = {"/data/created_at"}};
constexpr EventPlaces places_4{.type = {"/type"},
                               .id = {"/id"},
                               .subject = {"/data/id"},
                               .ordering_key = {"/data/reference", "/data/tx_ref"},
                               .time = {"/timestamp"}};

struct FlutterwaveTrust final : Trust {
    FlutterwaveTrust(HmacSecrets prepared, SentSecrets sent)
        : secrets{std::move(prepared)}, tokens{std::move(sent)} {}

    HmacSecrets secrets;
    SentSecrets tokens;
    bool signature_only = false;
};

Result<Secret> key_of(const SourceSecret& secret) {
    if (secret.value.reveal().starts_with("FLWSECK") || secret.value.reveal().starts_with("FLWPUBK"))
        return not_a_secret(secret,
                            "is an API key; the secret hash is what you chose beside the webhook's URL");
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    const bool signature_only = reader->boolean("signature_only", false);
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, secrets, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    auto tokens = SentSecrets::make(secrets);
    if (!tokens) return std::unexpected{tokens.error()};
    auto trust = std::make_shared<FlutterwaveTrust>(*std::move(prepared), *std::move(tokens));
    trust->signature_only = signature_only;
    return trust;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& flutterwave = static_cast<const FlutterwaveTrust&>(trust);
    const bool token = received.headers.contains(token_header) && !received.headers.contains(signature.name);
    if (token && !flutterwave.signature_only)
        return flutterwave.tokens.verify_token(received.headers, token_header, "", now);
    return verify_signed_body(flutterwave.secrets, signature, received, now);
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    const bool version_4 = fields.has("/type");
    Item item = read_item(version_4 ? places_4 : places_3, fields, received.body);
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    return deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "flutterwave",
                              .title = "Flutterwave",
                              .keys_live = std::nullopt,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::flutterwave
