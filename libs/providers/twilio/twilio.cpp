#include "providers/twilio/twilio.hpp"

#include <algorithm>
#include <array>

#include "crypto/constant_time.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "http/percent.hpp"
#include "providers/event_places.hpp"
#include "providers/form.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::twilio {

namespace {

constexpr SignatureHeader signature{.name = "X-Twilio-Signature", .encoding = Encoding::base64};
constexpr std::string_view token_header = "I-Twilio-Idempotency-Token";
constexpr std::string_view hash_field = "bodySHA256";

constexpr EventPlaces json_places{
    .type = {"/type"}, .account = "/AccountSid", .subject = {"/id", "/Sid"}, .time = {"/time", "/Timestamp"}};
// Of Event Streams, which come as a list.
constexpr EventPlaces stream_places{.type = {"/type"},
                                    .id = {"/id"},
                                    .account = "/data/accountSid",
                                    .subject = {"/data/messageSid", "/data/callSid", "/source"},
                                    .time = {"/time"}};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    for (const SourceSecret& secret : secrets) {
        if (secret.value.reveal().starts_with("SK") || secret.value.reveal().starts_with("AC"))
            return not_a_secret(secret, "is an id (AC..., SK...); webhooks are signed with the auth token");
    }
    return make_account_trust(settings, secrets, as_pasted, {.hash = crypto::HmacHash::sha1, .url = true});
}

// With its question mark; empty if there is none.
std::string_view query_of(std::string_view url) {
    return url.substr(std::min(url.find('?'), url.size()));
}

// What the settings or a proxy say of a URL ends before its query, which is the sender's own: Twilio puts the
// body's hash there.
std::string with_query_of(std::string_view sent, std::string_view url) {
    if (query_of(sent).empty()) return std::string{url};
    return fmt::format("{}{}", url.substr(0, url.size() - query_of(url).size()), query_of(sent));
}

std::optional<std::string> body_hash_in(std::string_view url) {
    const std::string_view query = query_of(url);
    return query.empty() ? std::nullopt : http::form_value(query.substr(1), hash_field);
}

bool is_list(std::string_view body) {
    return body.starts_with('[');
}

bool is_json(std::string_view body) {
    return body.starts_with('{') || is_list(body);
}

// Name and value of each field, sorted; the same one twice counts once.
std::string signed_fields(std::string_view body) {
    auto pairs = http::form_pairs(body);
    std::ranges::sort(pairs);
    const auto repeats = std::ranges::unique(pairs);
    pairs.erase(repeats.begin(), repeats.end());
    std::string text;
    for (const auto& [name, value] : pairs) text.append(name).append(value);
    return text;
}

// As it is written, without its port, and with the scheme's own.
std::vector<std::string> spellings(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {std::string{url}};
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(url.find_first_of("/?", begin), url.size());
    const std::string_view authority = url.substr(begin, end - begin);
    const std::string_view rest = url.substr(end);
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    const std::string_view head = url.substr(0, begin);
    if (has_port) return {std::string{url}, fmt::format("{}{}{}", head, authority.substr(0, colon), rest)};
    const std::string_view port = head == "https://" ? ":443" : ":80";
    return {std::string{url}, fmt::format("{}{}{}{}", head, authority, port, rest)};
}

// Which field tells what happened, to what.
struct Product {
    std::string_view kind;
    std::string_view id;
    std::array<std::string_view, 2> status;
};
constexpr auto products = std::to_array<Product>(
    {{"message", "MessageSid", {"MessageStatus", "SmsStatus"}}, {"call", "CallSid", {"CallStatus", ""}}});

Result<Item> read_form(std::string_view body) {
    FormFields fields{body};
    Item item{.type = "webhook", .key = {}};
    for (const Product& product : products) {
        item.subject = fields.optional(product.id);
        if (!item.subject) continue;
        item.type = product.kind;
        for (const std::string_view name : product.status) {
            const auto status = name.empty() ? std::nullopt : fields.optional(name);
            if (!status) continue;
            item.type += '.' + *status;
            break;
        }
        break;
    }
    item.fingerprint = fingerprint_of({fields.canonical()});
    item.account = fields.optional("AccountSid");
    item.ordering_key = item.subject;
    if (fields.error()) return std::unexpected{*fields.error()};
    return item;
}

// All that is signed but for the source's own URL. A request that was seen can be spelled otherwise, with its
// signature as it was: in another order, with other escapes, or with text moved from one field to the next.
std::string signed_key(std::string_view url, std::string_view fields) {
    return fmt::format("signed:{}{}", query_of(url), fields);
}

Result<std::vector<Item>> read_json(const Received& received, bool hashed) {
    if (is_list(received.body)) {
        const auto json = Json::parse(received.body);
        if (!json) return std::unexpected{json.error()};
        return identify_each_by(stream_places, *json, json->root());
    }
    auto items = identify_by(json_places, received);
    if (items && hashed) items->front().key = signed_key(received.url, "");
    return items;
}

Result<std::vector<Item>> items_of(const Received& received) {
    const bool hashed = body_hash_in(received.url).has_value();
    if (is_json(received.body)) return read_json(received, hashed);
    auto item = read_form(received.body);
    if (!item) return std::unexpected{item.error()};
    item->key = signed_key(received.url, hashed ? "" : signed_fields(received.body));
    const auto token = received.headers.get(token_header);
    if (token && !token->empty()) item->event_id = std::string{*token};
    return one_item(*std::move(item), received);
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& twilio = static_cast<const AccountTrust&>(trust);
    const std::string url = with_query_of(received.url, twilio.url_of(received));
    const auto hash = body_hash_in(url);
    const std::string fields = hash ? "" : signed_fields(received.body);
    Verdict verdict = Refused{Reason::proof_wrong, ""};
    for (const std::string& spelling : spellings(url)) {
        verdict = verify_signed(twilio.secrets, signature, received,
                                std::array<std::string_view, 2>{spelling, fields}, now);
        const auto* const refused = std::get_if<Refused>(&verdict);
        if (refused == nullptr || refused->reason != Reason::proof_wrong) break;
    }
    if (!std::holds_alternative<Verified>(verdict)) return with_url_told(std::move(verdict), url);
    if (hash && !crypto::constant_time_equal(crypto::hex_encode(crypto::sha256(received.body)), *hash))
        return Refused{Reason::proof_wrong, "bodySHA256: the URL's is not the body's"};
    if (!hash && is_json(received.body))
        return Refused{Reason::proof_missing, "bodySHA256: the URL has none, and the body is no form"};
    if (!twilio.account) return verdict;
    const auto items = items_of(received);
    if (!items) return Refused{Reason::wrong_account, items.error().detail};
    for (const Item& item : *items) {
        if (auto other = other_account(twilio.account, item.account, "AccountSid")) return *std::move(other);
    }
    return verdict;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return items_of(received);
}

Secret make_secret() {
    return make_hex_secret(16);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto url = signed_url(**good, sample);
    if (!url) return std::unexpected{url.error()};
    const std::string as_sent = with_query_of(sample.url, *url);
    const bool hashed = body_hash_in(as_sent).has_value();
    const std::string fields = hashed ? "" : signed_fields(sample.body);
    auto delivery = deliver_signed(sample, signature, crypto::HmacHash::sha1, secret,
                                   std::array<std::string_view, 2>{as_sent, fields});
    if (!delivery) return delivery;
    delivery->headers.set("Content-Type", hashed ? "application/json" : "application/x-www-form-urlencoded");
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "twilio",
                              .title = "Twilio",
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

}  // namespace tollgate::providers::twilio
