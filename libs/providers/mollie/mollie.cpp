#include "providers/mollie/mollie.hpp"

#include <algorithm>
#include <array>

#include "http/percent.hpp"
#include "providers/account_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/mollie/fetched.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signature_parts.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::mollie {

namespace {

constexpr SignatureHeader signature{.name = "X-Mollie-Signature", .prefix = "sha256="};
constexpr std::size_t api_key_characters_min = 24;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr EventPlaces signed_places{.type = {"/type"},
                                    .id = {"/id"},
                                    .account = "/_embedded/entity/profileId",
                                    .subject = {"/entityId"},
                                    .time = {"/createdAt"},
                                    .test_mode = "/_embedded/entity/mode"};

struct MollieTrust final : Trust {
    explicit MollieTrust(HmacSecrets prepared) : secrets{std::move(prepared)} {}

    HmacSecrets secrets;
    std::vector<SourceSecret> api_keys;
    std::optional<std::string> account;
};

// "test_" and thirty letters and digits; a signing secret that somebody chose may begin so too.
bool is_api_key(const SourceSecret& secret) {
    const std::string_view text = secret.value.reveal();
    for (const std::string_view prefix : {"live_", "test_", "access_"}) {
        if (!text.starts_with(prefix)) continue;
        const std::string_view rest = text.substr(prefix.size());
        return rest.size() >= api_key_characters_min && std::ranges::all_of(rest, is_letter_or_digit);
    }
    return false;
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto account = reader->text("account");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    std::vector<SourceSecret> api_keys;
    for (const SourceSecret& secret : secrets) {
        if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
        if (is_api_key(secret)) api_keys.push_back(secret);
    }
    // What a secret is for is told by how it begins, and one that is both would be sent to Mollie.
    std::vector<SourceSecret> signing;
    std::ranges::remove_copy_if(secrets, std::back_inserter(signing), is_api_key);
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, signing);
    if (!prepared) return std::unexpected{prepared.error()};
    auto trust = std::make_shared<MollieTrust>(*std::move(prepared));
    trust->api_keys = std::move(api_keys);
    trust->account = std::move(account);
    return trust;
}

Verdict verify_signed_one(const MollieTrust& mollie, const Received& received, Timestamp now) {
    if (!mollie.secrets.any_valid_at(now)) return no_secret(mollie.secrets.size());
    const auto values = received.headers.all(signature.name);
    if (values.size() > signatures_max)
        return Refused{Reason::proof_malformed, fmt::format("{}: is there too often", signature.name)};
    std::vector<std::string_view> texts;
    for (const std::string_view value : values) {
        if (value.empty()) return Refused{Reason::proof_missing, fmt::format("{}: is empty", signature.name)};
        if (!value.starts_with(signature.prefix)) continue;
        texts.push_back(value.substr(signature.prefix.size()));
    }
    if (texts.empty())
        return Refused{Reason::proof_unknown, fmt::format("{}: has no sha256=", signature.name)};
    const auto offered =
        decode_signatures(texts, signature.encoding, bytes_of(mollie.secrets.hash()), signature.name);
    if (!offered) return offered.error();
    const auto secret = mollie.secrets.signer({&received.body, 1}, *offered, now);
    if (!secret)
        return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the secrets", signature.name)};
    return with_account_in(Verified{.proof = Proof::signature, .secret = secret}, mollie.account,
                           received.body, {signed_places.account});
}

std::optional<Refused> not_what_was_asked_for(const MollieTrust& mollie, std::string_view body,
                                              std::string_view document) {
    const auto json = Json::parse(document);
    if (!json) return Refused{Reason::document_wrong, fmt::format("id: {}", json.error().detail)};
    JsonFields fields{*json};
    if (fields.label("/id") != http::form_value(body, "id"))
        return Refused{Reason::document_wrong, "id: what was fetched is another one"};
    return other_account(mollie.account, fields.label("/profileId"), "profileId");
}

// One of them may be for tests, or about to be given up: which payments each is for only Mollie knows.
std::vector<DocumentRequest::Authorization> authorizations(const MollieTrust& mollie, Timestamp now) {
    std::vector<DocumentRequest::Authorization> all;
    for (const SourceSecret& key : mollie.api_keys) {
        if (is_valid_at(key, now)) all.push_back({key.id, Secret{"Bearer " + key.value.reveal()}});
    }
    return all;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents) {
    const auto& mollie = static_cast<const MollieTrust&>(trust);
    const bool is_signed = received.headers.contains(signature.name);
    auto keys = is_signed ? std::vector<DocumentRequest::Authorization>{} : authorizations(mollie, now);
    // Without a key nothing is fetched: then only what is signed is believed.
    if (keys.empty()) {
        if (!is_signed && mollie.secrets.any_valid_at(now))
            return Refused{Reason::proof_missing, fmt::format("{}: is not there", signature.name)};
        if (mollie.secrets.size() == 0 && !mollie.api_keys.empty())
            return Refused{Reason::no_secret, "the source has no signing secret that is valid now"};
        return verify_signed_one(mollie, received, now);
    }
    const std::string url = url_of(received.body);
    if (url.empty()) return Refused{Reason::proof_missing, "id: names nothing that can be fetched"};
    const auto document = documents.find(url);
    if (document == documents.end()) {
        return DocumentRequest{
            .url = url, .keep = std::chrono::seconds{0}, .authorizations = std::move(keys)};
    }
    if (auto wrong = not_what_was_asked_for(mollie, received.body, document->second.text))
        return *std::move(wrong);
    return Verified{.proof = Proof::fetched, .secret = document->second.secret};
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& documents) {
    if (received.headers.contains(signature.name)) return identify_by(signed_places, received);
    const auto document = documents.find(url_of(received.body));
    if (document == documents.end()) return fail(ErrorCode::invalid, "the request names no payment");
    return identify_fetched(document->second.text);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    if (is_api_key({.id = {}, .value = secret}))
        return fail(ErrorCode::invalid, "an API key signs nothing: samples need a signing secret");
    return deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "mollie",
                              .title = "Mollie",
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::mollie
