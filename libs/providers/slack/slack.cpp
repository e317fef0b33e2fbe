#include "providers/slack/slack.hpp"

#include <array>

#include "http/percent.hpp"
#include "providers/event_places.hpp"
#include "providers/form.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::slack {

namespace {

constexpr SignatureHeader signature{.name = "X-Slack-Signature", .prefix = "v0="};
constexpr std::string_view time_header = "X-Slack-Request-Timestamp";

// Of Slack's events, of what it tells of the app itself, and of an interaction; the last two have no id.
constexpr EventPlaces event_places{.type = {"/event/type"},
                                   .id = {"/event_id"},
                                   .account = "/team_id",
                                   .subject = {"/event/channel", "/event/user"},
                                   .time = {"/event_time"}};
constexpr EventPlaces notice_places{
    .type = {"/type"}, .account = "/team_id", .subject = {"/api_app_id"}, .time = {"/minute_rate_limited"}};
constexpr EventPlaces interaction_places{
    .type = {"/type"}, .account = "/team/id", .subject = {"/trigger_id", "/callback_id"}};

Result<Secret> key_of(const SourceSecret& secret) {
    if (secret.value.reveal().starts_with("xox"))
        return not_a_secret(secret,
                            "is a token; the signing secret stands under the app's basic information");
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of, {.tolerance = tolerance_default});
}

bool is_json(std::string_view body) {
    return body.starts_with('{');
}

Item read_command(FormFields& fields, std::string_view body) {
    Item item{.type = "command"};
    item.key = body_key(item.type, body);
    item.fingerprint = fingerprint_of({fields.canonical()});
    fields.required("command");
    item.account = fields.optional("team_id");
    item.subject = fields.optional("channel_id");
    item.ordering_key = item.subject;
    return item;
}

Result<Item> read(std::string_view body) {
    const auto payload = is_json(body) ? std::nullopt : http::form_value(body, "payload");
    if (!is_json(body) && !payload) {
        FormFields fields{body};
        Item item = read_command(fields, body);
        if (fields.error()) return std::unexpected{*fields.error()};
        return item;
    }
    const auto json = Json::parse(payload ? std::string_view{*payload} : body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    const EventPlaces& places = payload                ? interaction_places
                                : fields.has("/event") ? event_places
                                                       : notice_places;
    Item item = read_item(places, fields, body);
    if (fields.error()) return std::unexpected{*fields.error()};
    return item;
}

// What is asked of a new URL, and no event.
std::optional<std::string> challenge_in(std::string_view body) {
    if (!is_json(body) || !body.contains("url_verification")) return std::nullopt;
    const auto json = Json::parse(body);
    if (!json) return std::nullopt;
    JsonFields fields{*json};
    return fields.label("/type") == "url_verification" ? fields.label("/challenge") : std::nullopt;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& slack = static_cast<const AccountTrust&>(trust);
    if (!slack.secrets.any_valid_at(now)) return no_secret(slack.secrets.size());
    const auto time = proof_header(received.headers, time_header);
    if (!time) return time.error();
    const auto signed_at = read_unix_seconds(*time);
    if (!signed_at)
        return Refused{Reason::proof_malformed, fmt::format("{}: is no time in seconds", time_header)};
    const std::array<std::string_view, 4> parts{"v0:", *time, ":", received.body};
    Verdict verdict = verify_signed(slack.secrets, signature, received, parts, now);
    if (!std::holds_alternative<Verified>(verdict)) return verdict;
    if (auto outside = outside_tolerance(*signed_at, now, slack.tolerance, time_header))
        return *std::move(outside);
    if (auto challenge = challenge_in(received.body)) return Answer{http::plain(200, *std::move(challenge))};
    if (!slack.account) return verdict;
    const auto item = read(received.body);
    if (!item) return Refused{Reason::wrong_account, item.error().detail};
    if (auto other = other_account(slack.account, item->account, "team_id")) return *std::move(other);
    return verdict;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    auto item = read(received.body);
    if (!item) return std::unexpected{item.error()};
    return one_item(*std::move(item), received);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const std::string time = unix_seconds(now);
    const std::array<std::string_view, 4> parts{"v0:", time, ":", sample.body};
    auto delivery = deliver_signed(sample, signature, crypto::HmacHash::sha256, secret, parts);
    if (delivery) delivery->headers.set(time_header, time);
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // Each attempt is signed anew; events that are held back are tried for a day.
    static const Provider row{.name = "slack",
                              .title = "Slack",
                              .keys_live = std::chrono::days{7},
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::slack
