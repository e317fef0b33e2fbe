// Whatever stands in a body, an event is made that can be encoded, or an error that says what is wrong.
#include <catch2/catch.hpp>

#include "normalised.hpp"
#include "providers/json.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

namespace {

void check_sound(std::string_view provider, std::string_view type, std::string_view body) {
    const auto event = normalised(provider, type, body);
    const bool sound = event ? events::encode(*event).has_value()
                             : event.error().code == ErrorCode::invalid && !event.error().detail.empty();
    if (sound) return;
    INFO(provider << " " << type << " " << body);
    CHECK(sound);
}

void collect(const Json& json, const Json::Value& value, std::vector<const Json::Value*>& all) {
    for (const Json::Value* one = json.child(value); one != nullptr; one = json.next(*one)) {
        all.push_back(one);
        collect(json, *one, all);
    }
}

// Each value of the sample in turn is of another type, or beyond all bounds.
void check_replaced(std::string_view provider, const Sample& sample) {
    const std::string own = own_bytes(testing::provider(provider), sample);
    const auto json = Json::parse(own);
    REQUIRE(json.has_value());
    std::vector<const Json::Value*> values;
    collect(*json, json->root(), values);
    for (const Json::Value* value : values) {
        for (const std::string_view other :
             {"null", "true", "-1", "1e999", "99999999999999999999999", "\"\"", "\"x\\u0000\\ud83d\"", "[]",
              "{\"id\": {}, \"data\": [{}]}", "[[{\"amount\": []}]]"}) {
            std::string body = own;
            body.replace(value->offset, value->raw.size(), other);
            check_sound(provider, sample.type, body);
        }
    }
}

void check_json_of(std::string_view name) {
    for (const Sample& sample : provider(name).samples) check_replaced(name, sample);
}

}  // namespace

TEST_CASE("no value of a wrong type in an event of Stripe breaks anything") {
    check_json_of("stripe");
}

TEST_CASE("no value of a wrong type in an event of Shopify breaks anything") {
    check_json_of("shopify");
}

TEST_CASE("no value of a wrong type in an event of Razorpay breaks anything") {
    check_json_of("razorpay");
}

TEST_CASE("no value of a wrong type in an event of the school or of Resend breaks anything") {
    check_json_of("school");
    check_json_of("resend");
}

TEST_CASE("no value of a wrong type in an event of Paddle breaks anything") {
    check_json_of("paddle");
}

TEST_CASE("no value of a wrong type in an event of PayPal breaks anything") {
    check_json_of("paypal");
}

TEST_CASE("no value of a wrong type in an event of GoCardless breaks anything") {
    check_json_of("gocardless");
}

TEST_CASE("no value of a wrong type in an event of Adyen breaks anything") {
    check_json_of("adyen");
}

TEST_CASE("no value of a wrong type in an event of Square breaks anything") {
    check_json_of("square");
}

TEST_CASE("no value of a wrong type in an event of Paystack breaks anything") {
    check_json_of("paystack");
}

TEST_CASE("no value of a wrong type in an event of Chargebee breaks anything") {
    check_json_of("chargebee");
}

TEST_CASE("no value of a wrong type in an event of Mollie breaks anything") {
    check_json_of("mollie");
}

TEST_CASE("no value in a form of Chargify breaks anything") {
    for (const Sample& sample : provider("chargify").samples) {
        for (std::size_t at = sample.body.find('='); at != std::string_view::npos;
             at = sample.body.find('=', at + 1)) {
            const std::size_t end = std::min(sample.body.find('&', at), sample.body.size());
            for (const std::string_view other :
                 {"", "-1", "1e3", "99999999999999999999999", "%ff%fe", "%00", "2025-11-25 25:61:61 +9999",
                  "2025-02-30%2000%3A00%3A00%20-0500", "&&==&["}) {
                std::string body{sample.body};
                body.replace(at + 1, end - at - 1, other);
                check_sound("chargify", sample.type, body);
            }
        }
    }
}

TEST_CASE("a body that is cut off anywhere breaks nothing") {
    for (const Provider* provider : all()) {
        const Sample& sample = provider->samples.front();
        for (std::size_t size = 0; size < sample.body.size(); size += 7) {
            check_sound(provider->name, sample.type, sample.body.substr(0, size));
        }
    }
}

TEST_CASE("depth, width and repetition break nothing") {
    for (const Provider* provider : all()) {
        const std::string_view type = provider->samples.front().type;
        check_sound(provider->name, type, "");
        check_sound(provider->name, type, "null");
        check_sound(provider->name, type, "[]");
        check_sound(provider->name, type, std::string(100'000, '['));
        check_sound(provider->name, type, std::string(200'000, '&'));
        std::string deep;
        for (int i = 0; i < 120; ++i) deep += R"({"data":)";
        check_sound(provider->name, type, deep + "1" + std::string(120, '}'));
    }
    std::string items =
        R"({"object": "event", "data": {"object": {"status": "active", "items": {"data": [{})";
    for (int i = 0; i < 50'000; ++i) items += ",{}";
    check_sound("stripe", "customer.subscription.updated", items + "]}}}}");
}
