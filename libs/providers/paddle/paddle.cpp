#include "providers/paddle/paddle.hpp"

#include "providers/account_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/signing.hpp"
#include "providers/timed_header.hpp"

namespace tollgate::providers::paddle {

namespace {

constexpr TimedHeader header{
    .name = "Paddle-Signature", .parts = {.separator = ";", .time = "ts", .signature = "h1"}, .joint = ":"};

// A transaction, its adjustments and its subscription belong together.
constexpr EventPlaces places{.type = {"/event_type"},
                             .id = {"/event_id"},
                             .subject = {"/data/id"},
                             .ordering_key = {"/data/subscription_id", "/data/transaction_id", "/data/id"},
                             .time = {"/occurred_at"}};

Result<Secret> key_of(const SourceSecret& secret) {
    if (secret.value.reveal().starts_with("pdl_live_") || secret.value.reveal().starts_with("pdl_sdbx_")) {
        return not_a_secret(secret,
                            "is an API key; the secret key of the notification destination begins with "
                            "pdl_ntfset_");
    }
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of, {.account = false, .tolerance = tolerance_default});
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& paddle = static_cast<const AccountTrust&>(trust);
    return verify_timed(paddle.secrets, header, paddle.tolerance, received, now);
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    auto items = identify_by(places, received);
    // One that is made names the transaction that it began with.
    if (items && items->front().type.starts_with("subscription."))
        items->front().ordering_key = items->front().subject;
    return items;
}

Secret make_secret() {
    return make_hex_secret(16, "pdl_ntfset_");
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    return deliver_timed(provider(), header, settings, secret, sample, now);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // A notification of the last 90 days can be sent again by hand, with a fresh time.
    static const Provider row{.name = "paddle",
                              .title = "Paddle Billing",
                              .keys_live = std::chrono::days{100},
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::paddle
