#include "providers/xendit/xendit.hpp"

#include "providers/account_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/sent_secret.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signed_time.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::xendit {

namespace {

constexpr std::string_view header = "X-Callback-Token";
constexpr std::string_view id_header = "Webhook-Id";
constexpr Pointers accounts{"/business_id", "/data/business_id", "/user_id"};

struct XenditTrust final : Trust {
    SentSecrets tokens;
    std::optional<std::string> account;
};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    for (const SourceSecret& secret : secrets) {
        if (secret.value.reveal().starts_with("xnd_development_") ||
            secret.value.reveal().starts_with("xnd_production_"))
            return not_a_secret(secret, "is an API key; what is sent along is the verification token");
    }
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto trust = std::make_shared<XenditTrust>();
    trust->account = reader->text("account");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto tokens = SentSecrets::make(secrets);
    if (!tokens) return std::unexpected{tokens.error()};
    trust->tokens = *std::move(tokens);
    return trust;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& xendit = static_cast<const XenditTrust&>(trust);
    return with_account_in(xendit.tokens.verify_token(received.headers, header, "", now), xendit.account,
                           received.body, accounts);
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    // A payment into a virtual account tells neither what happened nor how it stands.
    Item item{.type = first_label(fields, {"/event", "/status", "/data/status", "/payment_status"})
                          .value_or("webhook")};
    const auto id = received.headers.get(id_header);
    if (id && !id->empty()) {
        item.event_id = std::string{*id};
        item.key = id_key(*id);
    } else {
        item.key = body_key(item.type, received.body);
    }
    item.fingerprint = fingerprint_of({item.type, json->canonical(json->root())});
    item.account = first_label(fields, accounts);
    item.subject = first_label(fields, {"/data/id", "/id", "/payment_id"});
    item.ordering_key = first_label(fields, {"/data/reference_id", "/external_id", "/reference_id"});
    if (!item.ordering_key) item.ordering_key = item.subject;
    const auto time = first_label(fields, {"/data/updated", "/updated", "/created"});
    if (time) item.time = read_time(*time);
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    add_unless_there(delivery.headers, id_header, id_from_body(sample.body));
    delivery.headers.set(header, secret.reveal());
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "xendit",
                              .title = "Xendit",
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

}  // namespace tollgate::providers::xendit
