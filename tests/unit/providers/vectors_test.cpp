#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "providers/json.hpp"
#include "providers/paypal/paypal.hpp"
#include "requests.hpp"
#include "support/child_process.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using tollgate::providers::testing::Request;
using tollgate::providers::testing::said;

namespace {

// By the vectors' own names of the providers.
const std::map<std::string, std::string, std::less<>> ours{{"stripe", "stripe"},
                                                           {"shopify", "shopify"},
                                                           {"chargify", "chargify"},
                                                           {"razorpay", "razorpay"},
                                                           {"generic", "generic"},
                                                           {"standard-webhooks", "standard_webhooks"},
                                                           {"resend", "resend"},
                                                           {"svix", "standard_webhooks"},
                                                           {"github", "github"},
                                                           {"slack", "slack"},
                                                           {"paddle", "paddle"},
                                                           {"square", "square"},
                                                           {"lemonsqueezy", "lemon_squeezy"},
                                                           {"paystack", "paystack"},
                                                           {"flutterwave", "flutterwave"},
                                                           {"xendit", "xendit"},
                                                           {"recurly", "recurly"},
                                                           {"gocardless", "gocardless"},
                                                           {"twilio", "twilio"},
                                                           {"adyen", "adyen"},
                                                           {"sendgrid", "sendgrid"},
                                                           {"braintree", "braintree"},
                                                           {"mollie", "mollie"}};

const std::map<std::string, std::set<Reason>, std::less<>> reasons{
    {"missing_header", {Reason::proof_missing}},
    {"malformed_header", {Reason::proof_malformed, Reason::proof_unknown}},
    {"bad_timestamp", {Reason::proof_malformed}},
    {"no_v1", {Reason::proof_unknown, Reason::proof_malformed}},
    {"bad_signature", {Reason::proof_wrong, Reason::proof_malformed, Reason::proof_unknown}},
    {"bad_token", {Reason::proof_wrong}},
    {"missing_signature", {Reason::proof_missing}},
    {"no_matching_public_key", {Reason::proof_wrong}},
    {"bad_challenge", {Reason::proof_malformed}},
    {"bad_body_hash", {Reason::proof_wrong}},
    {"too_old", {Reason::too_old}},
    {"in_future", {Reason::too_new}}};

class Vector {
public:
    Vector(const Json& json, const Json::Value& value) : json_{json}, value_{value} {}

    const Json::Value* field(std::string_view name) const {
        for (const Json::Value* one = json_.child(value_); one != nullptr; one = json_.next(*one)) {
            if (one->key == name && one->kind != Json::Kind::null) return one;
        }
        return nullptr;
    }
    std::string text(std::string_view name) const {
        const Json::Value* found = field(name);
        return found == nullptr ? "" : Json::text_of(*found).value();
    }
    std::optional<std::int64_t> number(std::string_view name) const {
        const Json::Value* found = field(name);
        return found == nullptr ? std::nullopt : std::optional{std::stoll(std::string{found->raw})};
    }
    std::vector<SourceSecret> secrets() const {
        std::vector<SourceSecret> all;
        const Json::Value* found = field("secret");
        if (found != nullptr && found->kind == Json::Kind::string)
            all.push_back(testing::secret(text("secret")));
        if (found != nullptr && found->kind == Json::Kind::array) {
            for (const Json::Value* one = json_.child(*found); one != nullptr; one = json_.next(*one)) {
                all.push_back(testing::secret(Json::text_of(*one).value()));
            }
        }
        if (found != nullptr && found->kind == Json::Kind::object) {
            const Vector pair{json_, *found};
            all.push_back(testing::secret(pair.text("public_key") + ":" + pair.text("private_key")));
        }
        if (field("public_key") != nullptr) all.push_back(testing::secret(text("public_key")));
        return all;
    }
    Request request() const {
        Request request{.body = text("body")};
        if (field("challenge") != nullptr) {
            request.method = http::Method::get;
            request.url += "?bt_challenge=" + text("challenge");
        }
        if (field("notification_url") != nullptr) request.url = text("notification_url");
        const Json::Value* headers = field("headers");
        REQUIRE(headers != nullptr);
        for (const Json::Value* one = json_.child(*headers); one != nullptr; one = json_.next(*one)) {
            request.headers.add(one->key, Json::text_of(*one).value());
        }
        return request;
    }

private:
    const Json& json_;
    const Json::Value& value_;
};

Json read_vectors() {
    std::ifstream file{tollgate::test::source_file("tests/unit/providers/signature-vectors.json")};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto json = Json::parse(text);
    REQUIRE(json);
    return *std::move(json);
}

// The time of the check; a vector that names none is checked at the time that was signed.
Timestamp now_of(const Vector& vector, const Request& request) {
    const bool in_milliseconds = vector.text("provider") == "recurly";
    const auto time = [&](std::int64_t count) {
        return in_milliseconds ? Timestamp{std::chrono::milliseconds{count}}
                               : Timestamp{std::chrono::seconds{count}};
    };
    if (const auto now = vector.number("timestamp_now_for_check")) return time(*now);
    for (const std::string_view name :
         {"Stripe-Signature", "svix-timestamp", "webhook-timestamp", "Paddle-Signature", "recurly-signature",
          "X-Twilio-Email-Event-Webhook-Timestamp"}) {
        const auto value = request.headers.get(name);
        if (!value) continue;
        const std::size_t begin = value->starts_with("t=") ? 2 : value->starts_with("ts=") ? 3 : 0;
        return time(std::atoll(std::string{value->substr(begin)}.c_str()));
    }
    return testing::noon;
}

std::string settings_of(const Vector& vector) {
    if (vector.text("scheme") == "chargify-md5") return R"({"accept_md5": true})";
    if (vector.text("provider") == "github") return R"({"accept_legacy": true})";
    const auto tolerance = vector.number("tolerance_seconds");
    return tolerance ? fmt::format(R"({{"tolerance": {}}})", *tolerance) : "{}";
}

void check(const Vector& vector, const Provider& provider) {
    INFO(provider.name << ": " << vector.text("name"));
    Request request = vector.request();
    if (vector.text("scheme") == "chargify-md5")
        request.headers.remove("X-Chargify-Webhook-Signature-Hmac-Sha-256");
    const bool parse_only = vector.text("expect") == "parse-only";
    auto secrets = vector.secrets();
    // Nobody knows the secret: what is there can be read, and is not ours.
    if (parse_only) secrets = {testing::secret(provider.make_secret().reveal())};
    const auto trust = provider.make_trust(testing::complete(provider, settings_of(vector)), secrets);
    if (!trust) {
        const bool bad_secret = vector.text("reason") == "bad_secret" ||
                                vector.text("name") == "secret with whsec_ prefix removed must not verify";
        CHECK(bad_secret);
        return;
    }
    const Verdict verdict = provider.verify(**trust, request.received(), now_of(vector, request), {});
    INFO(said(verdict));
    if (parse_only) {
        REQUIRE(std::holds_alternative<Refused>(verdict));
        CHECK(std::get<Refused>(verdict).reason == Reason::proof_wrong);
    } else if (vector.text("policy") == "past-only") {
        // What some libraries take and Tollgate does not.
        REQUIRE(std::holds_alternative<Refused>(verdict));
        CHECK(std::get<Refused>(verdict).reason == Reason::too_new);
    } else if (vector.text("expect") == "valid" && vector.field("challenge") != nullptr) {
        REQUIRE(std::holds_alternative<Answer>(verdict));
        CHECK(std::get<Answer>(verdict).response.body == vector.text("expected_response_body"));
    } else if (vector.text("expect") == "valid") {
        CHECK(std::holds_alternative<Verified>(verdict));
    } else {
        REQUIRE(vector.text("expect") == "invalid");
        REQUIRE(std::holds_alternative<Refused>(verdict));
        // Slack's list has one word for both directions.
        const bool ahead = vector.text("provider") == "slack" && vector.text("name") == "future";
        const std::string reason = ahead ? "in_future" : vector.text("reason");
        REQUIRE(reasons.contains(reason));
        CHECK(reasons.at(reason).contains(std::get<Refused>(verdict).reason));
    }
}

// PayPal's certificate is not known any more: the step that it is needed for is passed by.
void check_paypal(const Vector& vector) {
    INFO(vector.text("name"));
    std::string base64;
    std::istringstream lines{vector.text("public_key")};
    for (std::string line; std::getline(lines, line);) base64 += line.starts_with("-----") ? "" : line;
    const auto der = crypto::base64_decode(base64);
    REQUIRE(der);
    const auto key = crypto::PublicKey::from_der(*der);
    REQUIRE(key);
    const Request request = vector.request();
    const auto signature = crypto::base64_decode(request.headers.get("PAYPAL-TRANSMISSION-SIG").value());
    REQUIRE(signature);
    CHECK(paypal::is_signed(*key, request.headers.get("PAYPAL-TRANSMISSION-ID").value(),
                            request.headers.get("PAYPAL-TRANSMISSION-TIME").value(), vector.text("secret"),
                            request.body, *signature) == (vector.text("expect") == "valid"));
}

}  // namespace

TEST_CASE("every vector gives its verdict") {
    const Json json = read_vectors();
    std::map<std::string, int> checked;
    for (const Json::Value* one = json.child(json.root()); one != nullptr; one = json.next(*one)) {
        const Vector vector{json, *one};
        if (vector.text("provider") == "paypal") {
            check_paypal(vector);
        } else {
            check(vector, testing::provider(ours.at(vector.text("provider"))));
        }
        ++checked[vector.text("provider")];
    }
    CHECK(checked ==
          std::map<std::string, int>{{"stripe", 34},      {"shopify", 17}, {"chargify", 10},
                                     {"razorpay", 8},     {"generic", 10}, {"standard-webhooks", 26},
                                     {"svix", 4},         {"resend", 7},   {"github", 10},
                                     {"slack", 7},        {"paddle", 16},  {"square", 6},
                                     {"lemonsqueezy", 1}, {"paystack", 2}, {"flutterwave", 3},
                                     {"xendit", 2},       {"recurly", 6},  {"gocardless", 2},
                                     {"twilio", 11},      {"adyen", 15},   {"sendgrid", 6},
                                     {"braintree", 7},    {"mollie", 3},   {"paypal", 3}});
}
