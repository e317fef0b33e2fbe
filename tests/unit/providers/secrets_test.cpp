// What make_trust refuses: settings, and secrets that cannot be right.
#include <catch2/catch.hpp>

#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::EndsWith;

namespace {

std::string of(std::string_view name, std::string_view settings) {
    return refusal(testing::provider(name), settings);
}

std::string of_secret(std::string_view name, std::string_view secret) {
    const std::string said = refusal(testing::provider(name), "{}", {secret});
    if (said.empty()) return "";
    // Which of the secrets it is, and never what it is.
    CHECK_THAT(said, Catch::StartsWith("secret 00000000-0000-0000-0000-000000000001: "));
    CHECK((secret.size() < 8 || said.find(secret) == std::string::npos));
    return said.substr(said.find(": ") + 2);
}

}  // namespace

TEST_CASE("settings: what is no object of known fields is refused, with the nearest word") {
    for (const Provider* provider : all()) {
        INFO(provider->name);
        for (const std::string_view wrong : {"[]", "5", "x", "{", "null", "\"tolerance\""}) {
            CHECK(refusal(*provider, wrong) ==
                  "the settings are not a JSON object, such as {\"tolerance\": 300}");
        }
        CHECK(refusal(*provider, "").empty() == (provider->name != "generic"));
        CHECK(refusal(*provider, "{}").empty());
        CHECK(refusal(*provider, " { } ").empty());
        CHECK(refusal(*provider, R"({"xyzzy": 1})") == "setting \"xyzzy\" is unknown");
    }
    CHECK(of("stripe", R"({"tolerence": 300})") ==
          "setting \"tolerence\" is unknown: did you mean tolerance?");
    CHECK(of("razorpay", R"({"acount": "acc_1"})") == "setting \"acount\" is unknown: did you mean account?");
    CHECK(of("chargify", R"({"accept_md4": true})") ==
          "setting \"accept_md4\" is unknown: did you mean accept_md5?");
    CHECK(of("shopify", R"({"tolerance": 300})") == "setting \"tolerance\" is unknown");
    CHECK(of("resend", R"({"account": "a"})") == "setting \"account\" is unknown");
}

TEST_CASE("settings: a wrong type or value is refused, naming the field") {
    const std::string tolerance = "setting \"tolerance\" must be a whole number of seconds from 1 to 86400";
    for (const std::string_view provider : {"stripe", "standard_webhooks", "resend"}) {
        for (const std::string_view wrong :
             {"0", "-1", "86401", "1.5", "\"300\"", "null", "true", "1e2", "99999999999999999999"}) {
            CHECK(of(provider, fmt::format(R"({{"tolerance": {}}})", wrong)) == tolerance);
        }
        CHECK(of(provider, R"({"tolerance": 86400})").empty());
        CHECK(of(provider, R"({"tolerance": 1, "tolerance": 2})") == "setting \"tolerance\" is there twice");
    }
    for (const std::string_view provider : {"stripe", "shopify", "chargify", "razorpay", "school"}) {
        for (const std::string_view wrong : {"5", "\"\"", "null", "[]", "\"a\\u0000b\""}) {
            CHECK(of(provider, fmt::format(R"({{"account": {}}})", wrong)) ==
                  "setting \"account\" must be text, and not empty");
        }
    }
    CHECK(of("stripe", R"({"account": "acme"})") == "setting \"account\" must be an id such as acct_1Abc...");
    CHECK(of("chargify", R"({"currency": "dollars"})") ==
          "setting \"currency\" must be a code of ISO 4217 such as USD");
    CHECK(of("chargify", R"({"accept_md5": "true"})") == "setting \"accept_md5\" must be true or false");
}

TEST_CASE("secrets: what cannot be right is refused with a sentence that helps") {
    CHECK_THAT(of_secret("stripe", "sk_live_0000"), Contains("API key") && EndsWith("begins with whsec_"));
    CHECK_THAT(of_secret("stripe", "rk_test_0000"), Contains("API key"));
    CHECK_THAT(of_secret("stripe", "pk_live_0000"), Contains("API key"));
    CHECK_THAT(of_secret("stripe", "abc"), Contains("does not begin with whsec_"));
    CHECK_THAT(of_secret("stripe", "whsec_"), Contains("does not begin with whsec_"));
    for (const std::string_view cut :
         {"whsec_abc", "whsec_...", "whsec_****************", "whsec_\u2022\u2022\u2022\u2022\u2022",
          "whsec_0123456789 0123456789"}) {
        CHECK_THAT(of_secret("stripe", cut), Contains("cut off or masked"));
    }
    CHECK(of_secret("stripe", "whsec_0123456789abcdefABCDEF0123456789").empty());
    CHECK_THAT(of_secret("shopify", "shpat_0000"), Contains("access token"));
    CHECK_THAT(of_secret("razorpay", "rzp_live_0000"), Contains("API key id"));
    CHECK_THAT(of_secret("resend", "re_0000"), Contains("API key") && EndsWith("begins with whsec_"));
    for (const std::string_view provider : {"standard_webhooks", "resend"}) {
        CHECK_THAT(of_secret(provider, "whsec_not base64"),
                   Contains("should be whsec_ and base64: not base64: character 4"));
        CHECK_THAT(of_secret(provider, "whsec_A"), Contains("not base64"));
        CHECK(of_secret(provider, "whsec_") == "has nothing behind whsec_");
        CHECK_THAT(of_secret(provider, "whsk_AAAA"), Contains("private key"));
        CHECK_THAT(of_secret(provider, "whpk_AAAA"), Contains("has 32 bytes, this has 3"));
        CHECK_THAT(of_secret(provider, "whpk_!"), Contains("should be whpk_ and base64"));
        CHECK(of_secret(provider, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").empty());
    }
    for (const std::string_view provider :
         {"stripe", "shopify", "chargify", "razorpay", "standard_webhooks", "school"}) {
        INFO(provider);
        CHECK(of_secret(provider, "") == "is empty, so anybody could sign");
        const Secret good = testing::provider(provider).make_secret();
        CHECK(of_secret(provider, good.reveal()).empty());
        for (const std::string& pasted :
             {good.reveal() + "\n", good.reveal() + " ", " " + good.reveal(), "\t" + good.reveal()}) {
            CHECK_THAT(of_secret(provider, pasted), Contains("white space") || Contains("does not begin"));
        }
    }
    CHECK_THAT(of_secret("generic", ""), Contains("empty"));
    CHECK_THAT(refusal(testing::provider("generic"), R"({"proof": "token", "header": "X-T"})", {""}),
               Contains("empty"));
    CHECK_THAT(refusal(testing::provider("generic"), R"({"secret_encoding": "hex"})", {"xyz"}),
               Contains("is not as \"secret_encoding\" says: not hexadecimal"));
    CHECK_THAT(refusal(testing::provider("generic"), R"({"secret_encoding": "base64"})", {"!"}),
               Contains("not base64"));
}

TEST_CASE("secrets: one that is not stored has no id to be named by") {
    const std::array unstored{SourceSecret{.id = {}, .value = Secret{"sk_live_x"}}};
    const auto made = testing::provider("stripe").make_trust("{}", unstored);
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().detail, Catch::StartsWith("the secret is an API key"));
}

TEST_CASE("secrets: of several the wrong one is named") {
    const std::string said = refusal(testing::provider("stripe"), "{}", {"whsec_good_one", "sk_live_x"});
    CHECK_THAT(said, Catch::StartsWith("secret 00000000-0000-0000-0000-000000000002: is an API key"));
}

TEST_CASE("a delivery with wrong settings or a wrong secret is refused as the source would be") {
    for (const Provider* provider : all()) {
        INFO(provider->name);
        const auto wrong =
            provider->deliver(R"({"xyzzy": 1})", provider->make_secret(), provider->samples.front(), noon);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().code == ErrorCode::invalid);
        CHECK_FALSE(provider->deliver("{}", Secret{}, provider->samples.front(), noon));
    }
}
