#include "providers/adyen/adyen.hpp"

#include <array>

#include "crypto/hex.hpp"
#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::adyen {

namespace {

constexpr SignatureHeader signature{.name = "HmacSignature", .encoding = Encoding::base64};
constexpr std::string_view field = "/additionalData/hmacSignature";
constexpr std::size_t key_bytes = 32;

constexpr EventPlaces whole_places{.type = {"/type"},
                                   .account = "/data/balancePlatform",
                                   .subject = {"/data/id", "/data/transfer/id", "/data/accountHolder/id"},
                                   .time = {"/timestamp", "/createdAt"},
                                   .test_mode = "/environment"};

Result<Secret> key_of(const SourceSecret& secret) {
    auto bytes = crypto::hex_decode(secret.value.reveal());
    if (!bytes || bytes->size() != key_bytes)
        return not_a_secret(secret, "is no HMAC key of Adyen's, which has 64 hexadecimal digits");
    return Secret{*std::move(bytes)};
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of, {.capture = true});
}

bool is_signed_as_a_whole(const Received& received) {
    return received.headers.contains(signature.name);
}

// A standard request and its events; a bare item is one too.
struct Parts {
    Json json;
    std::vector<const Json::Value*> items{};
};

Result<Parts> parts_of(std::string_view body) {
    auto json = Json::parse(body);
    if (!json) return std::unexpected{json.error()};
    Parts parts{*std::move(json)};
    const auto list = parts.json.find("/notificationItems");
    if (!list) return std::unexpected{list.error()};
    if (*list == nullptr) {
        parts.items.push_back(&parts.json.root());
        return parts;
    }
    if ((*list)->kind != Json::Kind::array)
        return fail(ErrorCode::invalid, "the body's /notificationItems: it is no list");
    for (const auto* one = parts.json.child(**list); one != nullptr; one = parts.json.next(*one)) {
        const auto* const inner = one->kind == Json::Kind::object ? parts.json.child(*one) : nullptr;
        if (inner == nullptr || parts.json.next(*inner) != nullptr ||
            inner->key != "NotificationRequestItem" || inner->kind != Json::Kind::object)
            return fail(ErrorCode::invalid, "item {}: it is no NotificationRequestItem", parts.items.size());
        parts.items.push_back(inner);
    }
    if (parts.items.empty()) return fail(ErrorCode::invalid, "the request has no items in it");
    return parts;
}

constexpr std::array<std::string_view, 8> signed_fields{
    "/pspReference", "/originalReference", "/merchantAccountCode", "/merchantReference",
    "/amount/value", "/amount/currency",   "/eventCode",           "/success"};
constexpr std::string_view free_field = "/merchantReference";

std::array<std::string, signed_fields.size()> values_of(JsonFields& fields) {
    std::array<std::string, signed_fields.size()> values;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = fields.label(signed_fields[i]).value_or("");
    if (const auto success = fields.boolean("/success")) values.back() = *success ? "true" : "false";
    return values;
}

// They are signed with a colon between them and nothing that escapes one. With a colon in no more than one of
// them, what is signed can be parted in one way only, so that nobody moves text from one field to the next.
std::optional<Refused> not_one_reading(std::span<const std::string, signed_fields.size()> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (signed_fields[i] != free_field && values[i].contains(':'))
            return Refused{Reason::proof_malformed,
                           fmt::format("{}: has a colon in it", signed_fields[i].substr(1))};
    }
    return std::nullopt;
}

Verdict verify_item(const AccountTrust& adyen, JsonFields fields, Timestamp now) {
    const auto text = fields.label(field);
    const auto values = values_of(fields);
    if (fields.error()) return Refused{Reason::proof_malformed, fields.error()->detail};
    if (!text) return Refused{Reason::proof_missing, "additionalData.hmacSignature: is not there"};
    if (auto refused = not_one_reading(values)) return *std::move(refused);
    const auto offered =
        decode_signature(*text, Encoding::base64, bytes_of(adyen.secrets.hash()), field.substr(1));
    if (!offered) return offered.error();
    const std::string joined = fmt::format("{}", fmt::join(values, ":"));
    const std::string_view bytes = joined;
    const auto secret = adyen.secrets.signer({&bytes, 1}, {&*offered, 1}, now);
    if (!secret)
        return Refused{Reason::proof_wrong, "additionalData.hmacSignature: fits none of the secrets"};
    if (auto other =
            other_account(adyen.account, fields.label("/merchantAccountCode"), "merchantAccountCode"))
        return *std::move(other);
    return Verified{.proof = Proof::signature, .secret = secret};
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& adyen = static_cast<const AccountTrust&>(trust);
    if (!adyen.secrets.any_valid_at(now)) return no_secret(adyen.secrets.size());
    if (is_signed_as_a_whole(received)) return verify_signed_body(adyen.secrets, signature, received, now);
    const auto parts = parts_of(received.body);
    if (!parts)
        return Refused{Reason::proof_missing,
                       fmt::format("HmacSignature: is not there, and {}", parts.error().detail)};
    Verdict verdict = Refused{Reason::proof_missing, "HmacSignature: is not there"};
    for (const Json::Value* item : parts->items) {
        verdict = verify_item(adyen, {parts->json, *item}, now);
        if (!std::holds_alternative<Verified>(verdict)) return verdict;
    }
    return verdict;
}

Item item_of(JsonFields& fields, Mode mode) {
    const auto values = values_of(fields);
    Item item{.type = fields.required("/eventCode")};
    item.event_id = fields.required("/pspReference");
    item.key = id_key({*item.event_id, item.type, values.back(), values[1]});
    item.fingerprint = fingerprint_of(
        {values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]});
    item.account = fields.label("/merchantAccountCode");
    item.subject = item.event_id;
    item.ordering_key = first_label(fields, {"/originalReference", "/pspReference"});
    item.time = fields.time("/eventDate");
    item.mode = mode;
    return item;
}

// "live" stands beside the items, as a text.
Mode mode_in(const Json& json) {
    JsonFields fields{json};
    const auto live = fields.label("/live");
    return live == "true" ? Mode::live : live == "false" ? Mode::test : Mode::unknown;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    if (is_signed_as_a_whole(received)) return identify_by(whole_places, received);
    const auto parts = parts_of(received.body);
    if (!parts) return std::unexpected{parts.error()};
    const Mode mode = mode_in(parts->json);
    std::vector<Item> items;
    for (const Json::Value* part : parts->items) {
        JsonFields fields{parts->json, *part};
        Item& item = items.emplace_back(item_of(fields, mode));
        item.offset = part->offset;
        item.length = part->raw.size();
        if (fields.error())
            return fail(ErrorCode::invalid, "item {}: {}", items.size() - 1, fields.error()->detail);
    }
    return several_items(std::move(items));
}

Secret make_secret() {
    return make_hex_secret(key_bytes);
}

// A sample's items come with some signature, which is replaced.
Result<std::string> with_items_signed(std::string_view body, const crypto::HmacKey& key) {
    const auto parts = parts_of(body);
    if (!parts) return std::unexpected{parts.error()};
    std::string signed_body;
    std::size_t copied = 0;
    for (const Json::Value* part : parts->items) {
        const auto place = parts->json.find(*part, field);
        if (!place || *place == nullptr || (*place)->kind != Json::Kind::string)
            return fail(ErrorCode::invalid, "an item has no hmacSignature");
        JsonFields fields{parts->json, *part};
        const auto values = values_of(fields);
        if (fields.error()) return std::unexpected{*fields.error()};
        if (const auto refused = not_one_reading(values))
            return fail(ErrorCode::invalid, "{}", refused->where);
        const std::size_t begin = (*place)->offset;
        signed_body += body.substr(copied, begin - copied);
        signed_body += fmt::format(
            "\"{}\"",
            encode_signature(key.sign(fmt::format("{}", fmt::join(values, ":"))), Encoding::base64));
        copied = begin + (*place)->raw.size();
    }
    return signed_body + std::string{body.substr(copied)};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto bytes = key_of({.id = {}, .value = secret});
    if (!bytes) return std::unexpected{bytes.error()};
    const auto key = crypto::HmacKey::make(crypto::HmacHash::sha256, *bytes);
    if (!key) return std::unexpected{key.error()};
    auto body = with_items_signed(sample.body, *key);
    if (!body) return deliver_signed(sample, signature, crypto::HmacHash::sha256, *bytes, {&sample.body, 1});
    Delivery delivery = delivery_of(sample, "application/json");
    delivery.body = *std::move(body);
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // Accounts of some years ago take nothing else for an answer, and all others any 200.
    static const Provider row{.name = "adyen",
                              .title = "Adyen",
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::in_account,
                              .must_read = "[accepted]",
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::adyen
