#include "providers/braintree/braintree.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "crypto/base64.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/random.hpp"
#include "http/percent.hpp"
#include "providers/account_trust.hpp"
#include "providers/braintree/xml_texts.hpp"
#include "providers/form.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signed_time.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::braintree {

namespace {

constexpr std::size_t payload_line = 60;

struct KeyPair {
    std::string public_key;
    crypto::HmacKey hmac;
};
using Key = DatedKey<KeyPair>;

struct BraintreeTrust final : Trust {
    std::vector<Key> keys;
    std::optional<std::string> account;
};

Result<Key> key_of(const SourceSecret& secret) {
    if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
    const std::string& text = secret.value.reveal();
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
        return not_a_secret(secret, "is not the public API key, a colon, and the private one");
    // It stands between other signs where it is sent.
    const auto is_of_key = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    if (!std::ranges::all_of(std::string_view{text}.substr(0, colon), is_of_key))
        return not_a_secret(secret, "has a public API key that is not of letters, digits, _ and -");
    auto hmac = crypto::HmacKey::make(crypto::HmacHash::sha1, Secret{crypto::sha1(text.substr(colon + 1))});
    if (!hmac) return std::unexpected{hmac.error()};
    return Key{secret, {text.substr(0, colon), *std::move(hmac)}};
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto trust = std::make_shared<BraintreeTrust>();
    trust->account = reader->text("account");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    for (const SourceSecret& secret : secrets) {
        auto key = key_of(secret);
        if (!key) return std::unexpected{key.error()};
        trust->keys.push_back(*std::move(key));
    }
    return trust;
}

using Texts = std::map<std::string, std::string, std::less<>>;

Result<Texts> texts_of(std::string payload) {
    std::erase(payload, '\n');
    const auto xml = crypto::base64_decode(payload);
    if (!xml) return fail(ErrorCode::invalid, "bt_payload: {}", xml.error().detail);
    return read_xml_texts(*xml);
}

std::optional<std::string> text_at(const Texts& texts, std::string_view path) {
    const auto found = texts.find(path);
    return found == texts.end() || found->second.empty() ? std::nullopt : std::optional{found->second};
}

// Twenty to thirty-two hexadecimal digits, as the vendor's libraries have it: we sign nothing else for
// anybody.
bool is_challenge(std::string_view text) {
    return text.size() >= 20 && text.size() <= 32 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Verdict answer(const Key& key, const Received& received) {
    const std::size_t query = std::min(received.url.find('?'), received.url.size() - 1);
    const auto challenge = http::form_value(received.url.substr(query + 1), "bt_challenge");
    if (!challenge) return Refused{Reason::proof_missing, "bt_challenge: is not there"};
    if (!is_challenge(*challenge))
        return Refused{Reason::proof_malformed, "bt_challenge: is not 20 to 32 hexadecimal digits"};
    const std::string proof = crypto::hex_encode(key.key.hmac.sign(*challenge));
    return Answer{http::plain(200, fmt::format("{}|{}", key.key.public_key, proof))};
}

// "public|hex&public|hex": those that stand beside one of our keys.
struct Offered {
    const Key* key;
    std::string signature;
};

Checked<std::vector<Offered>> read_signatures(const BraintreeTrust& trust, std::string_view text,
                                              Timestamp now) {
    if (text.size() > proof_bytes_max) return refuse(Reason::proof_malformed, "bt_signature", "is too long");
    std::vector<Offered> offered;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        const std::size_t bar = pair.find('|');
        if (bar == std::string_view::npos) continue;
        for (const Key& key : trust.keys) {
            if (!is_valid_at(key, now) || key.key.public_key != pair.substr(0, bar)) continue;
            const auto bytes = decode_signature(pair.substr(bar + 1), Encoding::hex,
                                                bytes_of(crypto::HmacHash::sha1), "bt_signature");
            if (!bytes) return std::unexpected{bytes.error()};
            offered.push_back({&key, *bytes});
        }
    }
    if (offered.empty())
        return refuse(Reason::proof_wrong, "bt_signature", "is of none of the public keys that are ours");
    return offered;
}

Verdict verify_form(const BraintreeTrust& trust, const Received& received, Timestamp now) {
    FormFields fields{received.body};
    const auto text = fields.optional("bt_signature");
    const auto payload = fields.optional("bt_payload");
    if (fields.error()) return Refused{Reason::proof_malformed, fields.error()->detail};
    if (!text || !payload)
        return Refused{Reason::proof_missing,
                       fmt::format("{}: is not there", text ? "bt_payload" : "bt_signature")};
    const auto offered = read_signatures(trust, *text, now);
    if (!offered) return offered.error();
    const std::array<std::string_view, 2> line{*payload, "\n"};
    for (const auto& [key, signature] : *offered) {
        // Some frameworks cut the line feed off that was signed.
        if (!crypto::constant_time_equal(key->key.hmac.sign(*payload), signature) &&
            !crypto::constant_time_equal(key->key.hmac.sign(line), signature))
            continue;
        if (!trust.account) return Verified{.proof = Proof::signature, .secret = key->id};
        const auto texts = texts_of(*payload);
        if (!texts) return Refused{Reason::wrong_account, texts.error().detail};
        if (auto other = other_account(trust.account, text_at(*texts, "notification/source-merchant-id"),
                                       "source-merchant-id"))
            return *std::move(other);
        return Verified{.proof = Proof::signature, .secret = key->id};
    }
    return Refused{Reason::proof_wrong, "bt_signature: fits none of the secrets"};
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& braintree = static_cast<const BraintreeTrust&>(trust);
    const auto key =
        std::ranges::find_if(braintree.keys, [&](const Key& each) { return is_valid_at(each, now); });
    if (key == braintree.keys.end()) return no_secret(braintree.keys.size());
    return received.method == http::Method::get ? answer(*key, received)
                                                : verify_form(braintree, received, now);
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    FormFields fields{received.body};
    std::string payload = fields.required("bt_payload");
    if (fields.error()) return std::unexpected{*fields.error()};
    while (payload.ends_with('\n')) payload.pop_back();
    const auto texts = texts_of(payload);
    if (!texts) return std::unexpected{texts.error()};
    Item item{.type = text_at(*texts, "notification/kind").value_or(""), .key = {}};
    item.key = body_key(item.type, payload);
    item.fingerprint = fingerprint_of({item.type, payload});
    item.account = text_at(*texts, "notification/source-merchant-id");
    for (const std::string_view object : {"subscription", "transaction", "dispute", "disbursement"}) {
        if (!item.subject) item.subject = text_at(*texts, fmt::format("notification/subject/{}/id", object));
    }
    item.ordering_key = item.subject;
    if (const auto time = text_at(*texts, "notification/timestamp")) item.time = read_time(*time);
    return one_item(std::move(item), received);
}

Secret make_secret() {
    return Secret{fmt::format("{}:{}", crypto::hex_encode(crypto::random_bytes(8)),
                              crypto::hex_encode(crypto::random_bytes(16)))};
}

std::string in_lines(const std::string& base64) {
    std::string lines;
    for (std::size_t at = 0; at < base64.size(); at += payload_line)
        lines += base64.substr(at, payload_line) + "\n";
    return lines;
}

// What base64 and a signature have that a form may not.
std::string form_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '+' || c == '/' || c == '=' || c == '|' || c == '\n') {
            out += fmt::format("%{:02X}", static_cast<int>(c));
        } else {
            out += c;
        }
    }
    return out;
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const KeyPair& key = static_cast<const BraintreeTrust&>(**good).keys.front().key;
    const std::string payload = in_lines(crypto::base64_encode(sample.body));
    Delivery delivery = delivery_of(sample, "application/x-www-form-urlencoded");
    delivery.body = fmt::format(
        "bt_signature={}&bt_payload={}",
        form_encoded(fmt::format("{}|{}", key.public_key, crypto::hex_encode(key.hmac.sign(payload)))),
        form_encoded(payload));
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "braintree",
                              .title = "Braintree",
                              .keys_live = std::nullopt,
                              .asks_by_get = true,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::braintree
