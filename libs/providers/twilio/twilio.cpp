#include "providers/twilio/twilio.hpp"

#include <algorithm>
#include <array>

#include "crypto/constant_time.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/random.hpp"
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

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    for (const SourceSecret& secret : secrets) {
        if (secret.value.reveal().starts_with("SK") || secret.value.reveal().starts_with("AC"))
            return not_a_secret(secret, "is an id (AC..., SK...); webhooks are signed with the auth token");
    }
    return make_account_trust(settings, secrets, as_pasted, {.hash = crypto::HmacHash::sha1, .url = true});
}

std::optional<std::string> body_hash_in(std::string_view url) {
    const std::size_t query = url.find('?');
    return query == std::string_view::npos ? std::nullopt
                                           : http::form_value(url.substr(query + 1), hash_field);
}

bool is_json(std::string_view body) {
    return body.starts_with('{') || body.starts_with('[');
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

std::optional<std::string> account_in(const Received& received) {
    if (!is_json(received.body)) return http::form_value(received.body, "AccountSid");
    const auto json = Json::parse(received.body);
    if (!json) return std::nullopt;
    JsonFields fields{*json};
    return fields.label("/AccountSid");
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& twilio = static_cast<const AccountTrust&>(trust);
    const std::string_view url = twilio.url_of(received);
    // The query is the sender's own also where the settings say the URL.
    const auto hash = body_hash_in(url);
    const std::string fields = hash ? "" : signed_fields(received.body);
    Verdict verdict = Refused{Reason::proof_wrong, ""};
    for (const std::string& spelling : spellings(url)) {
        verdict = verify_signed(twilio.secrets, signature, received,
                                std::array<std::string_view, 2>{spelling, fields}, now);
        const auto* const refused = std::get_if<Refused>(&verdict);
        if (refused == nullptr || refused->reason != Reason::proof_wrong) break;
    }
    if (!std::holds_alternative<Verified>(verdict)) return verdict;
    if (hash && !crypto::constant_time_equal(crypto::hex_encode(crypto::sha256(received.body)), *hash))
        return Refused{Reason::proof_wrong, "bodySHA256: the URL's is not the body's"};
    if (!hash && is_json(received.body))
        return Refused{Reason::proof_missing, "bodySHA256: the URL has none, and the body is no form"};
    if (auto other = other_account(twilio.account, account_in(received), "AccountSid"))
        return *std::move(other);
    return verdict;
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
    item.key = body_key(item.type, body);
    item.fingerprint = fingerprint_of({fields.canonical()});
    item.account = fields.optional("AccountSid");
    item.ordering_key = item.subject;
    if (fields.error()) return std::unexpected{*fields.error()};
    return item;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    if (is_json(received.body)) return identify_by(json_places, received);
    auto item = read_form(received.body);
    if (!item) return std::unexpected{item.error()};
    const auto token = received.headers.get(token_header);
    if (token && !token->empty()) item->event_id = std::string{*token};
    return one_item(*std::move(item), received);
}

Secret make_secret() {
    return Secret{crypto::hex_encode(crypto::random_bytes(16))};
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const auto url = signed_url(**good, sample);
    if (!url) return std::unexpected{url.error()};
    const bool hashed = body_hash_in(*url).has_value();
    auto delivery = deliver_signed(
        sample, signature, crypto::HmacHash::sha1, secret,
        std::array<std::string_view, 2>{*url, hashed ? std::string{} : signed_fields(sample.body)});
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
