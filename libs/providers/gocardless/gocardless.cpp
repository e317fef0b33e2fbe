#include "providers/gocardless/gocardless.hpp"

#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::gocardless {

namespace {

constexpr SignatureHeader signature{.name = "Webhook-Signature"};

constexpr EventPlaces places{
    .type = {"/resource_type", "/action"},
    .id = {"/id"},
    .account = "/links/organisation",
    .ordering_key = {"/links/payment", "/links/subscription", "/links/mandate", "/links/payout"},
    .time = {"/created_at"}};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, as_pasted);
}

Result<const Json::Value*> events_in(const Json& json) {
    const auto events = json.find("/events");
    if (!events) return std::unexpected{events.error()};
    if (*events == nullptr) return fail(ErrorCode::invalid, "the body's /events: it is not there");
    return *events;
}

// "payments.confirmed" is about links.payment.
void name_subject(JsonFields& fields, Item& item) {
    std::string resource = item.type.substr(0, item.type.find('.'));
    if (resource.ends_with('s')) resource.pop_back();
    if (resource.find_first_of("/~") != std::string::npos) return;
    item.subject = fields.label(fmt::format("/links/{}", resource));
    if (!item.ordering_key) item.ordering_key = item.subject;
}

Result<std::vector<Item>> items_of(std::string_view body) {
    const auto json = Json::parse(body);
    if (!json) return std::unexpected{json.error()};
    const auto events = events_in(*json);
    if (!events) return std::unexpected{events.error()};
    return identify_each_by(places, *json, **events, name_subject);
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& gocardless = static_cast<const AccountTrust&>(trust);
    Verdict verdict = verify_signed_body(gocardless.secrets, signature, received, now);
    if (!std::holds_alternative<Verified>(verdict) || !gocardless.account) return verdict;
    const auto items = items_of(received.body);
    if (!items) return Refused{Reason::wrong_account, items.error().detail};
    for (const Item& item : *items) {
        if (auto other = other_account(gocardless.account, item.account, "links.organisation"))
            return *std::move(other);
    }
    return verdict;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return items_of(received.body);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    return deliver_signed_body(provider(), signature, crypto::HmacHash::sha256, settings, secret, sample);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "gocardless",
                              .title = "GoCardless",
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

}  // namespace tollgate::providers::gocardless
