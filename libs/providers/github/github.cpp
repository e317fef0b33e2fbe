#include "providers/github/github.hpp"

#include "http/percent.hpp"
#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::github {

namespace {

constexpr SignatureHeader signature{.name = "X-Hub-Signature-256", .prefix = "sha256="};
constexpr std::string_view legacy_header = "X-Hub-Signature";
constexpr std::string_view event_header = "X-GitHub-Event";
constexpr std::string_view id_header = "X-GitHub-Delivery";
constexpr std::size_t body_bytes_max = std::size_t{25} << 20U;

struct GithubTrust final : Trust {
    explicit GithubTrust(HmacSecrets prepared) : secrets{std::move(prepared)} {}

    HmacSecrets secrets;
    std::optional<HmacSecrets> sha1;  // only if the legacy header does, as the next one
    std::optional<HmacSecrets> sha512;
    std::optional<std::string> account;
};

Result<Secret> key_of(const SourceSecret& secret) {
    const std::string& text = secret.value.reveal();
    if (text.starts_with("ghp_") || text.starts_with("github_pat_"))
        return not_a_secret(secret, "is an access token; the secret is the one that was set for the webhook");
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto account = reader->text("account");
    const bool accept_legacy = reader->boolean("accept_legacy", false);
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, secrets, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    auto trust = std::make_shared<GithubTrust>(*std::move(prepared));
    trust->account = std::move(account);
    if (accept_legacy) {
        auto sha1 = HmacSecrets::make(crypto::HmacHash::sha1, secrets, key_of);
        auto sha512 = HmacSecrets::make(crypto::HmacHash::sha512, secrets, key_of);
        if (!sha1 || !sha512) return std::unexpected{(sha1 ? sha512 : sha1).error()};
        trust->sha1 = *std::move(sha1);
        trust->sha512 = *std::move(sha512);
    }
    return trust;
}

bool is_form(const Received& received) {
    const auto type = received.headers.get("Content-Type");
    return type && type->starts_with("application/x-www-form-urlencoded");
}

Result<Json> json_of(const Received& received) {
    if (!is_form(received)) return Json::parse(received.body);
    const auto payload = http::form_value(received.body, "payload");
    if (!payload) return fail(ErrorCode::invalid, "the form's field payload is not there");
    return Json::parse(*payload);
}

std::optional<std::string> account_in(JsonFields& fields) {
    return first_label(fields, {"/repository/full_name", "/organization/login"});
}

// GitHub sends SHA-1 there; libraries of others write longer hashes into the same header.
Verdict verify_legacy(const GithubTrust& github, const Received& received, Timestamp now) {
    const auto value = received.headers.get(legacy_header);
    const bool is_512 = value && value->starts_with("sha512=");
    return verify_signed_body(is_512 ? *github.sha512 : *github.sha1,
                              {.name = legacy_header, .prefix = is_512 ? "sha512=" : "sha1="}, received, now);
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& github = static_cast<const GithubTrust&>(trust);
    const bool legacy =
        github.sha1 && received.headers.contains(legacy_header) && !received.headers.contains(signature.name);
    Verdict verdict = legacy ? verify_legacy(github, received, now)
                             : verify_signed_body(github.secrets, signature, received, now);
    if (!std::holds_alternative<Verified>(verdict) || !github.account) return verdict;
    const auto json = json_of(received);
    if (!json) return Refused{Reason::wrong_account, json.error().detail};
    JsonFields fields{*json};
    if (auto other = other_account(github.account, account_in(fields), "repository.full_name"))
        return *std::move(other);
    return verdict;
}

// What the event is about: "issues" of /issue, "issue_comment" of /comment; empty if it cannot be told.
std::string object_of(std::string_view event, JsonFields& fields) {
    if (event.find_first_of("/~") != std::string_view::npos) return "";
    const std::size_t word = event.rfind('_');
    for (const std::string_view name :
         {event, event.ends_with('s') ? event.substr(0, event.size() - 1) : event,
          event.substr(word == std::string_view::npos ? 0 : word + 1)}) {
        std::string pointer = fmt::format("/{}", name);
        if (fields.has(pointer)) return pointer;
    }
    return "";
}

// Otherwise two honest events can have one body: somebody stars, and stars again.
bool body_is_of_one_event(std::string_view event, const std::string& object, JsonFields& fields) {
    if (event == "push") return fields.has("/after") && fields.has("/repository/pushed_at");
    return !object.empty() && fields.has(object + "/updated_at");
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto event = received.headers.get(event_header);
    if (!event || event->empty()) return fail(ErrorCode::invalid, "the header {} is not there", event_header);
    const auto json = json_of(received);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    const auto action = fields.label("/action");
    Item item{.type = action ? fmt::format("{}.{}", *event, *action) : std::string{*event}};
    const std::string object = object_of(*event, fields);
    const auto id = received.headers.get(id_header);
    if (id && !id->empty()) {
        item.event_id = std::string{*id};
        item.key = id_key(*id);
        if (body_is_of_one_event(*event, object, fields))
            item.second_key = body_key(item.type, received.body);
    } else {
        item.key = body_key(item.type, received.body);
    }
    item.fingerprint = fingerprint_of({item.type, json->canonical(json->root())});
    item.account = account_in(fields);
    if (!object.empty()) {
        item.subject = fields.label(object + "/id");
        item.time = fields.time(object + "/updated_at");
    }
    item.ordering_key = item.account;
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    auto delivery =
        deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
    if (!delivery) return delivery;
    add_unless_there(delivery->headers, event_header, sample.type.substr(0, sample.type.find('.')));
    add_unless_there(delivery->headers, id_header, id_from_body(sample.body));
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "github",
                              .title = "GitHub",
                              .body_bytes_max = body_bytes_max,
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

}  // namespace tollgate::providers::github
