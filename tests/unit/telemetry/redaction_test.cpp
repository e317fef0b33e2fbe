#include "telemetry/redaction.hpp"

#include <catch2/catch.hpp>

using tollgate::telemetry::names_a_secret;
using tollgate::telemetry::redact;

namespace {

struct Example {
    std::string_view text;
    std::string_view printed;
};

std::string repeated(std::string_view text, std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) all += text;
    return all;
}

}  // namespace

TEST_CASE("names of secrets are known in any writing") {
    for (const auto* const key : {"Stripe-Signature", "PGPASSWORD", "apiKey", "x-api-key", "private_key",
                                  "clientSecret", "db_credentials", "Set-Cookie"}) {
        INFO(key);
        CHECK(names_a_secret(key));
    }
    CHECK_FALSE(names_a_secret("event_id"));
    CHECK_FALSE(names_a_secret("key"));
}

TEST_CASE("tokens of known shapes are redacted wherever they stand") {
    for (const auto& [text, printed] : {
             Example{"key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!", "key whsec_[redacted]!"},
             Example{"POST https://hooks.slack.com/services/T0/B0/abcdefghijkl",
                     "POST https://hooks.slack.com/services/[redacted]"},
             Example{"https://hooks.slack.com/triggers/T0/123/abcdefghijkl",
                     "https://hooks.slack.com/triggers/[redacted]"},
             Example{"https://Hooks.Slack.com/services/T0/B0/abcdefghijkl",
                     "https://Hooks.Slack.com/services/[redacted]"},
             Example{"xoxb-1234-5678-abcdef xoxc-1234-5678-abcdef", "xoxb-[redacted] xoxc-[redacted]"},
             Example{"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_[redacted]"},
             Example{"SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf", "SG.[redacted]"},
             Example{"pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3_q6TGTJyvoIz7LDtXT65bX7_AQO",
                     "pdl_live_apikey_[redacted]"},
             Example{"re_c1tpEyD8_NKFusih9vKVQknRAQfmFcWCv", "re_[redacted]"},
             Example{"with bearer abcdef0123456789", "with bearer [redacted]"},
             Example{"with Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "with Basic [redacted]"},
             Example{"https://ghp_16C7e42F292c6912E7710c838347:x@github.com/a",
                     "https://ghp_[redacted]@github.com/a"},
         }) {
        CHECK(redact(text) == printed);
    }
}

TEST_CASE("passwords in URLs are redacted also when they are badly written") {
    for (const auto& [text, printed] : {
             Example{"postgresql://ann:p@ss:w/rd@db:5432/x", "postgresql://ann:[redacted]@db:5432/x"},
             Example{"'postgresql://u:a b@h/d' is away", "'postgresql://u:[redacted]@h/d' is away"},
             Example{"postgresql://u:a b c@h/d", "postgresql://u:[redacted]@h/d"},
             Example{"redis://:hunter2@cache/0", "redis://:[redacted]@cache/0"},
             Example{"amqp://u@corp:hunter2@host", "amqp://u@corp:[redacted]@host"},
             Example{"{\"a\":\"x://u:p@h\",\"b\":\"x://v:q@i\"}",
                     "{\"a\":\"x://u:[redacted]@h\",\"b\":\"x://v:[redacted]@i\"}"},
             Example{"://u:p@h ://v:q r@i", "://u:[redacted]@h ://v:[redacted]@i"},
         }) {
        CHECK(redact(text) == printed);
    }
}

TEST_CASE("what is assigned to a secret is redacted") {
    for (const auto& [text, printed] : {
             Example{"host=db password=hunter2 user=ann", "host=db password=[redacted] user=ann"},
             Example{"password='a secret' user=ann", "password='[redacted]' user=ann"},
             Example{R"(password='a \' secret' user=ann)", "password='[redacted]' user=ann"},
             Example{"password='it''s one' user=ann", "password='[redacted]' user=ann"},
             Example{R"(password=a\ secret user=ann)", "password=[redacted] user=ann"},
             Example{"password = x y", "password = [redacted] y"},
             Example{"password='cut off", "password='[redacted]"},
             Example{"PGPASSWORD=x psql", "PGPASSWORD=[redacted] psql"},
             Example{"password: swordfish", "password: [redacted]"},
             Example{R"({"password":"x","a":1})", R"({"password":"[redacted]","a":1})"},
             Example{R"({"password" : "a\"b c\\", "a":1})", R"({"password" : "[redacted]", "a":1})"},
             Example{R"("{\"client_secret\": \"x \\\" y\", \"a\":1}")",
                     R"("{\"client_secret\": \"[redacted]\", \"a\":1}")"},
             Example{"{'apiKey': 'x'}", "{'apiKey': '[redacted]'}"},
             Example{"POST /t?client_secret=x&b=2", "POST /t?client_secret=[redacted]&b=2"},
             Example{"token=abc :secret=>def", "token=[redacted] :secret=>[redacted]"},
             Example{"token: 4f5e6d7c", "token: [redacted]"},
             Example{"token=Bearer abc rest", "token=Bearer [redacted] rest"},
             Example{"Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [redacted]"},
             Example{"authorization: bearer abcdefghijklmnop\r\nHost: a",
                     "authorization: bearer [redacted]\r\nHost: a"},
             Example{"Cookie: a=b; c=d\nHost: a", "Cookie: [redacted]\nHost: a"},
             Example{"Stripe-Signature: t=1,v1=abc", "Stripe-Signature: [redacted]"},
         }) {
        CHECK(redact(text) == printed);
        CHECK(redact(printed) == printed);
    }
}

TEST_CASE("what only resembles a secret stays") {
    for (const std::string_view text : {
             "order pre_order re_try evt_1PXyz re_3MqqQeLkdIwHu7ix0oVv9Bxx",
             "evt_1NG8Du2eZvKYlo2CUI79vXWy pi_3MtwBwLkdIwHu7ix28a3tqPa cus_NffrFeUfNV2Hib in_1MtHbELkdIwHu7",
             "018f3b1c-7c5a-7000-8000-0000000000e1",
             "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "signature mismatch: the event is refused",
             "lease=duty epoch=3",
             "the token has lapsed and a token is needed",
             "unexpected token: }",
             "cannot read the secret: no such file",
             "a bearer of news and basic authentication",
             "kafka property sasl.password: No such configuration property",
             "Token::parse() of secret://name",
             "tokens=5 max_tokens: 6 secret_version=3",
             "password authentication failed for user \"ann\"",
             "password=\nnothing",
             "http://127.0.0.1:9100/healthz/ready",
             "http://auth-token:8080/x http://[::1]:8080/x",
             "http://host:8080/x fails, ask ann@example.com",
             "see http://host/path: ask ann@example.com",
             "postgresql://ann@db/x",
             "postgresql://user:password@host:5432/name",
             "postgresql://USER:PASSWORD@HOST:5432/NAME, with a port",
         }) {
        CHECK(redact(text) == text);
    }
}

// A megabyte each: with work that grows with the square of the text this would take hours.
TEST_CASE("texts made to be slow to redact are not") {
    constexpr std::size_t megabyte = 1'000'000;
    for (const std::string_view piece : {"://",
                                         "://a:",
                                         "://a:b ",
                                         "://a:1/ ",
                                         "x://u:p@h ",
                                         "re_",
                                         "re_abcdefgh_",
                                         "Basic ",
                                         "Bearer A-",
                                         "SG.",
                                         "@",
                                         ":",
                                         "=",
                                         "password",
                                         "password=",
                                         "token:",
                                         "token: ",
                                         "\":",
                                         "\\",
                                         "token:\\",
                                         "password=\"",
                                         "password=' ",
                                         "secret: '\n",
                                         "cookie:",
                                         "cookie:\n",
                                         "password=\"\"",
                                         "hooks.slack.com/triggers/"}) {
        INFO(piece);
        CHECK_FALSE(redact(repeated(piece, megabyte)).empty());
    }
    const std::string blanks(megabyte, ' ');
    CHECK(redact("password" + blanks + "=" + blanks) == "password" + blanks + "=" + blanks);
    CHECK(redact("u://a:b" + blanks + "@h") == "u://a:[redacted]@h");
}
