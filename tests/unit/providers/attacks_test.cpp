// What every provider must refuse, each in its own words: one table, and a provider that is not in it fails.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "crypto/hmac.hpp"
#include "providers/proof_header.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::StartsWith;

namespace {

struct Row {
    std::string_view provider;
    std::string_view header;  // carries the proof
    // The name of an algorithm or a version in its value, and another that is not accepted; empty: none.
    std::string_view named{};
    std::string_view other{};
    std::string_view time_header{};  // where the signed time stands; empty: no time is signed
    // Where nothing but the body is signed: with what.
    std::optional<crypto::HmacHash> body_hash{};
    Encoding encoding = Encoding::hex;
    bool may_come_twice = false;
    bool in_body = false;  // its own tests say what becomes of its proof
    std::string_view sample{};
};

constexpr auto sha1 = crypto::HmacHash::sha1;
constexpr auto sha256 = crypto::HmacHash::sha256;
constexpr auto sha512 = crypto::HmacHash::sha512;

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Row>& rows() {
    static const std::vector<Row> table{
        {.provider = "adyen", .header = "HmacSignature", .sample = "balancePlatform.transfer.updated"},
        {.provider = "braintree", .header = "bt_signature", .in_body = true},
        {.provider = "chargebee", .header = "Authorization", .named = "Basic ", .other = "Bearer "},
        {.provider = "mollie",
         .header = "X-Mollie-Signature",
         .named = "sha256=",
         .other = "sha1=",
         .body_hash = sha256,
         .may_come_twice = true},
        {.provider = "postmark", .header = "Authorization", .named = "Basic ", .other = "Digest "},
        {.provider = "sendgrid",
         .header = "X-Twilio-Email-Event-Webhook-Signature",
         .time_header = "X-Twilio-Email-Event-Webhook-Timestamp"},
        {.provider = "chargify", .header = "X-Chargify-Webhook-Signature-Hmac-Sha-256", .body_hash = sha256},
        {.provider = "flutterwave",
         .header = "Flutterwave-Signature",
         .body_hash = sha256,
         .encoding = Encoding::base64},
        {.provider = "generic", .header = "X-Signature", .body_hash = sha256},
        {.provider = "github",
         .header = "X-Hub-Signature-256",
         .named = "sha256=",
         .other = "sha1=",
         .body_hash = sha256},
        {.provider = "gocardless", .header = "Webhook-Signature", .body_hash = sha256},
        {.provider = "lemon_squeezy", .header = "X-Signature", .body_hash = sha256},
        {.provider = "paddle",
         .header = "Paddle-Signature",
         .named = "h1=",
         .other = "h2=",
         .time_header = "Paddle-Signature"},
        {.provider = "paystack", .header = "X-Paystack-Signature", .body_hash = sha512},
        {.provider = "razorpay", .header = "X-Razorpay-Signature", .body_hash = sha256},
        {.provider = "recurly", .header = "Recurly-Signature", .time_header = "Recurly-Signature"},
        {.provider = "resend",
         .header = "svix-signature",
         .named = "v1,",
         .other = "v2,",
         .time_header = "svix-timestamp"},
        {.provider = "school", .header = "X-Signature", .body_hash = sha256},
        {.provider = "shopify",
         .header = "X-Shopify-Hmac-Sha256",
         .body_hash = sha256,
         .encoding = Encoding::base64},
        {.provider = "slack",
         .header = "X-Slack-Signature",
         .named = "v0=",
         .other = "v1=",
         .time_header = "X-Slack-Request-Timestamp"},
        {.provider = "square", .header = "X-Square-HmacSha256-Signature"},
        {.provider = "standard_webhooks",
         .header = "webhook-signature",
         .named = "v1,",
         .other = "v2,",
         .time_header = "webhook-timestamp"},
        {.provider = "stripe",
         .header = "Stripe-Signature",
         .named = "v1=",
         .other = "v0=",
         .time_header = "Stripe-Signature"},
        {.provider = "twilio", .header = "X-Twilio-Signature"},
        {.provider = "xendit", .header = "X-Callback-Token"}};
    return table;
}

// A source, and a request that its provider sent to it at noon.
struct Target {
    const Row& row;
    const Provider& provider = testing::provider(row.provider);
    Secret secret = provider.make_secret();
    std::shared_ptr<const Trust> trust = testing::trust(provider, "{}", {secret.reveal()});
    Request request =
        delivered(provider, "{}", secret.reveal(),
                  row.sample.empty() ? provider.samples.front() : testing::sample(provider, row.sample));

    std::string said_of(const Request& sent, Timestamp now = noon) const {
        return said(verify(provider, *trust, sent, now));
    }
    std::string value() const { return std::string{request.headers.get(row.header).value()}; }
    std::string said_of_value(std::string_view value) const {
        Request changed = request;
        changed.headers.set(row.header, value);
        return said_of(changed);
    }
};

void check_refused(std::string_view said, std::initializer_list<std::string_view> reasons) {
    INFO(said);
    CHECK(std::ranges::any_of(reasons, [&](std::string_view reason) { return said.starts_with(reason); }));
}

}  // namespace

TEST_CASE("every provider is attacked") {
    std::set<std::string_view> attacked{"paypal"};  // in a file of its own, which has its certificates
    for (const Row& row : rows()) attacked.insert(row.provider);
    for (const Provider* const provider : all()) {
        INFO(provider->name);
        CHECK(attacked.contains(provider->name));
    }
}

TEST_CASE("a proof that is missing, doubled, oversized or empty is refused") {
    for (const Row& row : rows()) {
        if (row.in_body) continue;
        INFO(row.provider);
        const Target target{row};
        REQUIRE(target.said_of(target.request) == "verified");
        Request missing = target.request;
        missing.headers.remove(row.header);
        CHECK_THAT(target.said_of(missing), StartsWith("proof_missing: "));
        CHECK_THAT(target.said_of_value(""), StartsWith("proof_missing: "));
        Request doubled = target.request;
        doubled.headers.add(row.header, target.value());
        CHECK_THAT(target.said_of(doubled),
                   StartsWith(row.may_come_twice ? "verified" : "proof_malformed: "));
        CHECK_THAT(target.said_of_value(target.value() + std::string(5000, 'a')),
                   StartsWith("proof_malformed: "));
    }
}

TEST_CASE("a proof of another algorithm is refused, be it right") {
    for (const Row& row : rows()) {
        INFO(row.provider);
        const Target target{row};
        if (!row.named.empty()) {
            std::string value = target.value();
            const std::size_t at = value.find(row.named);
            REQUIRE(at != std::string::npos);
            value.replace(at, row.named.size(), row.other);
            check_refused(target.said_of_value(value), {"proof_unknown: ", "proof_malformed: "});
        }
        if (!row.body_hash) continue;
        for (const crypto::HmacHash hash : {sha1, sha256, sha512}) {
            const auto mac = crypto::hmac(hash, target.secret, target.request.body);
            REQUIRE(mac);
            const std::string said =
                target.said_of_value(std::string{row.named} + encode_signature(*mac, row.encoding));
            if (hash == *row.body_hash) {
                CHECK(said == "verified");
            } else {
                CHECK_THAT(said, StartsWith("proof_malformed: "));
            }
        }
    }
}

TEST_CASE("a request of one provider is no request of another") {
    for (const Row& row : rows()) {
        const Target target{row};
        for (const Row& from : rows()) {
            INFO(from.provider << " to " << row.provider);
            const Target other{from};
            check_refused(target.said_of(other.request),
                          {"proof_missing: ", "proof_malformed: ", "proof_unknown: ", "proof_wrong: "});
            Request get = target.request;
            get.method = http::Method::get;
            if (target.provider.asks_by_get)
                CHECK_THAT(target.said_of(get), StartsWith("proof_missing: bt_challenge"));
        }
    }
}

TEST_CASE("a request that is sent again later is refused where the time is signed") {
    for (const Row& row : rows()) {
        if (row.time_header.empty()) continue;
        INFO(row.provider);
        const Target target{row};
        constexpr std::chrono::hours far{24 * 30};
        CHECK_THAT(target.said_of(target.request, noon + far), StartsWith("too_old: "));
        CHECK_THAT(target.said_of(target.request, noon - far), StartsWith("too_new: "));
        // With the time of then in place of its own.
        Request later = target.request;
        std::string value{later.headers.get(row.time_header).value()};
        const std::size_t at = value.find("1764072000");
        REQUIRE(at != std::string::npos);
        value.replace(at, 10, "1766664000");
        later.headers.set(row.time_header, value);
        CHECK_THAT(target.said_of(later, noon + far), StartsWith("proof_wrong: "));
    }
}

TEST_CASE("an empty secret is none, and what anybody can sign is not believed") {
    for (const Row& row : rows()) {
        INFO(row.provider);
        const Target target{row};
        CHECK_FALSE(refusal(target.provider, "{}", {""}).empty());
        if (!row.body_hash) continue;
        // Keys are filled up with zeros, so that one zero is the empty key.
        const auto mac = crypto::hmac(*row.body_hash, Secret{std::string(1, '\0')}, target.request.body);
        REQUIRE(mac);
        CHECK_THAT(target.said_of_value(std::string{row.named} + encode_signature(*mac, row.encoding)),
                   StartsWith("proof_wrong: "));
    }
}
