#include "providers/stripe/stripe.hpp"

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::string_view shared = "whsec_test_secret";
const Provider& stripe_row = stripe::provider();

std::string signature(std::string_view body, Timestamp at = noon, std::string_view secret = shared) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    const auto mac = crypto::hmac(crypto::HmacHash::sha256, Secret{std::string{secret}},
                                  fmt::format("{}.{}", seconds, body));
    return crypto::hex_encode(mac.value());
}

Request request(std::string_view body, std::string_view header) {
    return {.headers = {{"Stripe-Signature", header}}, .body = std::string{body}};
}

std::string said_of(std::string_view header, std::string_view settings = "{}", Timestamp now = noon) {
    const auto good = trust(stripe_row, settings, {shared});
    return said(verify(stripe_row, *good, request("{}", header), now));
}

std::string repeated(std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}

Item event(std::string_view body) {
    return item(stripe_row, *trust(stripe_row, "{}", {shared}), request(body, ""));
}

std::string no_event(std::string_view body) {
    return not_identified(stripe_row, *trust(stripe_row, "{}", {shared}), request(body, ""));
}

constexpr std::string_view envelope =
    R"({{"id":"evt_1","object":"event","api_version":"2025-10-29","created":1764071990,"data":{{"object":{}}},)"
    R"("livemode":true,"pending_webhooks":{},"request":{{"id":"{}"}},"type":"{}"}})";

std::string body_of(std::string_view object, int pending = 1, std::string_view request_id = "req_1",
                    std::string_view type = "invoice.paid") {
    return fmt::format(fmt::runtime(envelope), object, pending, request_id, type);
}

}  // namespace

TEST_CASE("stripe: what the header lacks is said") {
    const std::string good = signature("{}");
    const std::string time = "t=1764072000";
    CHECK(said_of(fmt::format("{},v1={}", time, good)) == "verified");
    CHECK(said_of(fmt::format("{}, v1={}", time, good)) == "verified");
    CHECK(said_of(fmt::format("v1={},{},v0=00,x=y", good, time)) == "verified");
    CHECK(said(verify(stripe_row, *trust(stripe_row, "{}", {shared}), {.body = "{}"})) ==
          "proof_missing: Stripe-Signature: is not there");
    CHECK(said_of("") == "proof_missing: Stripe-Signature: is empty");
    CHECK(said_of(fmt::format("v1={}", good)) == "proof_malformed: Stripe-Signature: has no t=");
    CHECK(said_of(fmt::format("{},{},v1={}", time, time, good)) ==
          "proof_malformed: Stripe-Signature: has t= twice");
    CHECK(said_of(fmt::format("t=,v1={}", good)) ==
          "proof_malformed: Stripe-Signature: has nothing behind t=");
    CHECK(said_of(fmt::format("{},garbage,v1={}", time, good)) ==
          "proof_malformed: Stripe-Signature: has a part that is not name=value");
    CHECK(said_of(fmt::format("{},v0={}", time, good)) == "proof_unknown: Stripe-Signature: has no v1=");
    for (const std::string_view wrong :
         {"17640720x0", "-1", "+1764072000", " 1764072000", "1764072000.0", "9999999999999"}) {
        CHECK(said_of(fmt::format("t={},v1={}", wrong, good)) ==
              "proof_malformed: Stripe-Signature: t= is no time in seconds");
    }
    CHECK_THAT(said_of(fmt::format("{},v1={}", time, good.substr(1))),
               Contains("64 characters of lower-case hexadecimal expected, 63 came"));
    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    CHECK_THAT(said_of(fmt::format("{},v1={}", time, upper)), StartsWith("proof_malformed: "));
    CHECK(said_of(fmt::format("{},v1={}", time, signature("{}", noon, "whsec_other"))) ==
          "proof_wrong: Stripe-Signature: fits none of the secrets");
    CHECK(said_of(fmt::format("{},v1={}", time, signature("{} "))) ==
          "proof_wrong: Stripe-Signature: fits none of the secrets");
}

TEST_CASE("stripe: the header is bounded") {
    const std::string good = signature("{}");
    const std::string wrong = ",v1=" + std::string(64, 'a');
    CHECK(said_of("t=1764072000" + repeated(wrong, 9) + ",v1=" + good) == "verified");
    CHECK(said_of("t=1764072000" + repeated(wrong, 15) + ",v1=" + good) == "verified");
    CHECK(said_of("t=1764072000" + repeated(wrong, 16) + ",v1=" + good) ==
          "proof_malformed: Stripe-Signature: has 17 signatures, at most 16 are read");
    CHECK(said_of(std::string(10'240, 'v')) ==
          "proof_malformed: Stripe-Signature: has 10240 bytes, at most 4096 are read");
    Request twice = request("{}", "t=1764072000,v1=" + good);
    twice.headers.add("stripe-signature", "t=1764072000,v1=" + good);
    CHECK(said(verify(stripe_row, *trust(stripe_row, "{}", {shared}), twice)) ==
          "proof_malformed: Stripe-Signature: is there 2 times");
}

TEST_CASE("stripe: old and future times are refused, and the edge is the tolerance") {
    const std::string header = "t=1764072000,v1=" + signature("{}");
    const auto at = [&](int seconds, std::string_view settings = "{}") {
        return said_of(header, settings, noon + std::chrono::seconds{seconds});
    };
    CHECK(at(300) == "verified");
    CHECK(said_of(header, "{}", noon + std::chrono::milliseconds{300'999}) == "verified");
    CHECK(at(301) == "too_old: Stripe-Signature: t: signed 301 s ago, 300 s are tolerated");
    CHECK(at(-300) == "verified");
    CHECK(at(-301) ==
          "too_new: Stripe-Signature: t: signed for 301 s ahead, 300 s are tolerated; are the clocks right?");
    CHECK(at(10, R"({"tolerance": 10})") == "verified");
    CHECK_THAT(at(11, R"({"tolerance": 10})"), StartsWith("too_old: "));
    // A wrong signature is not called old: whoever made it knows no secret.
    CHECK_THAT(said_of("t=1,v1=" + std::string(64, '0')), StartsWith("proof_wrong: "));
}

TEST_CASE("stripe: a source can be pinned to an account") {
    const auto pinned = trust(stripe_row, R"({"account": "acct_1"})", {shared});
    const auto at = [&](const std::string& body) {
        return said(verify(stripe_row, *pinned, request(body, "t=1764072000,v1=" + signature(body))));
    };
    CHECK(at(R"({"account": "acct_1"})") == "verified");
    CHECK(at(R"({"context": "acct_1"})") == "verified");
    CHECK(at(R"({"account": "acct_2"})") ==
          "wrong_account: account: the event is of another one, the source takes acct_1 only");
    CHECK(at(R"({"account": "acct_2", "context": "acct_1"})") ==
          "wrong_account: account: the event is of another one, the source takes acct_1 only");
    CHECK(at("{}") == "wrong_account: account: the event names none, the source takes acct_1 only");
    CHECK_THAT(at("not JSON"), StartsWith("wrong_account: account: the body is not JSON"));
    CHECK_THAT(at(R"({"account": "acct_1", "account": "acct_2"})"), StartsWith("wrong_account: "));
    // Whose signature is wrong learns nothing of the account.
    CHECK_THAT(said(verify(stripe_row, *pinned, request("{}", "t=1764072000,v1=" + std::string(64, '0')))),
               StartsWith("proof_wrong: "));
}

TEST_CASE("stripe: a snapshot event is identified") {
    const Item paid = event(body_of(R"({"id":"in_1","object":"invoice","customer":"cus_1"})"));
    CHECK(paid.type == "invoice.paid");
    CHECK(paid.key == "id:evt_1");
    CHECK_FALSE(paid.second_key);
    CHECK(paid.event_id == "evt_1");
    CHECK_FALSE(paid.account);
    CHECK(paid.mode == Mode::live);
    CHECK(paid.subject == "in_1");
    CHECK(paid.ordering_key == "cus_1");
    CHECK(paid.time == noon - std::chrono::seconds{10});
    CHECK(event(body_of(R"({"id":"in_1","customer":{"id":"cus_2"}})")).ordering_key == "cus_2");
    CHECK(event(body_of(R"({"id":"cus_3","object":"customer"})")).ordering_key == "cus_3");
    CHECK(event(body_of(R"({"id":"ch_1","customer":null})")).ordering_key == "ch_1");
    CHECK_FALSE(event(body_of("{}")).ordering_key);
    const Item connected =
        event(R"({"id":"e","object":"event","type":"t","livemode":false,"account":"acct_1"})");
    CHECK(connected.account == "acct_1");
    CHECK(connected.mode == Mode::test);
    CHECK_FALSE(connected.time);
    CHECK(event(R"({"id":"e","object":"event","type":"t"})").mode == Mode::unknown);
}

TEST_CASE("stripe: a thin event is identified") {
    const auto& thin = sample(stripe_row, "v1.billing.meter.error_report_triggered");
    const Item meter = event(thin.body);
    CHECK(meter.event_id == "evt_test_65TollgateThinMadeUp01");
    CHECK(meter.subject == "mtr_test_61TollgateMadeUp");
    CHECK(meter.ordering_key == meter.subject);
    CHECK(meter.mode == Mode::test);
    CHECK_FALSE(meter.account);
    CHECK(meter.time == parse_rfc3339("2025-11-25T11:59:50.123456Z").value());
    CHECK(
        event(
            R"({"id":"e","object":"v2.core.event","type":"t","context":"acct_9","created":"2025-10-04T15:13:32.232083866Z"})")
            .account == "acct_9");
}

TEST_CASE("stripe: a resend has the same fingerprint, another object another") {
    const std::string object = R"({"id":"in_1","amount":9900})";
    const std::string first = event(body_of(object)).fingerprint;
    CHECK(event(body_of(object, 3, "req_2")).fingerprint == first);
    CHECK(event(body_of(R"({ "amount": 9900, "id": "in_1" })")).fingerprint == first);
    CHECK(event(body_of(R"({"id":"in_1","amount":9901})")).fingerprint != first);
    CHECK(event(body_of(object, 1, "req_1", "invoice.updated")).fingerprint != first);
    std::string other = body_of(object);
    other.replace(other.find("\"livemode\":true"), 15, "\"livemode\":false");
    CHECK(event(other).fingerprint != first);
    // Each field that says what happened counts.
    const auto with = [](std::string_view field) {
        return event(fmt::format(R"({{"id":"e","object":"v2.core.event","type":"t"{}}})", field)).fingerprint;
    };
    for (const std::string_view field :
         {R"(,"created":1)", R"(,"account":"a")", R"(,"context":"a")", R"(,"data":{"a":1})",
          R"(,"related_object":{"id":"m"})", R"(,"changes":{"a":1})"}) {
        INFO(field);
        CHECK(with(field) != with(""));
    }
    CHECK(with(R"(,"api_version":"2025")") == with(""));
}

TEST_CASE("stripe: what is no event is refused with what it lacks") {
    CHECK_THAT(no_event(""), Contains("it is empty"));
    CHECK_THAT(no_event("this is not valid JSON"), StartsWith("the body is not JSON"));
    CHECK(no_event(R"({"id":"e","object":"event"})") == "the body's /type: it is not there");
    CHECK(no_event(R"({"object":"event","type":"t"})") == "the body's /id: it is not there");
    CHECK(no_event(R"({"id":5,"object":"event","type":"t"})") == "the body's /id: it is no text");
    CHECK(no_event(R"({"id":"","object":"event","type":"t"})") == "the body's /id: it is empty");
    CHECK(no_event(R"({"id":"e","object":"event","type":["t"]})") == "the body's /type: it is no text");
    CHECK(no_event(R"({"id":"e","object":"charge","type":"t"})") ==
          "the body's /object is neither \"event\" nor \"v2.core.event\"");
    CHECK(no_event(R"({"id":"e","id":"f","object":"event","type":"t"})") == "\"id\" is there twice (/id)");
    CHECK(no_event(R"({"id":"e","object":"event","type":"t","type":"t"})") ==
          "\"type\" is there twice (/type)");
    CHECK(no_event(R"({"id":"e\u0000","object":"event","type":"t"})") ==
          "the event's id has control characters");
    CHECK(no_event(R"({"id":"e\n","object":"event","type":"t"})") == "the event's id has control characters");
    CHECK(no_event(fmt::format(R"({{"id":"e","object":"event","type":"{}"}})", std::string(513, 't'))) ==
          "the event's type has 513 bytes, at most 512 are taken");
    CHECK(no_event(R"({"id":"e\ud800","object":"event","type":"t"})") ==
          "the body's /id: it has an escape that stands for no character");
    CHECK(no_event(R"({"id":"e","object":"event","type":"t","account":"a\u0007"})") ==
          "the event's account has control characters");
}

TEST_CASE("stripe: what only describes an event is left out where no table takes it") {
    const Item subject =
        event(body_of(fmt::format(R"({{"id":"{}","customer":"cus_1"}})", std::string(600, 's'))));
    CHECK_FALSE(subject.subject);
    CHECK(subject.ordering_key == "cus_1");
    CHECK(subject.left_out ==
          std::vector<std::string>{"the event's subject has 600 bytes, at most 512 are taken"});
    const Item order = event(body_of(R"({"id":"in_1","customer":"c\n"})"));
    CHECK(order.subject == "in_1");
    CHECK_FALSE(order.ordering_key);
    CHECK(order.left_out == std::vector<std::string>{"the event's ordering key has control characters"});
    CHECK(event(body_of(R"({"id":"in_1","customer":"cus_1"})")).left_out.empty());
}

TEST_CASE("stripe: keys live longer than an event can be sent again by hand") {
    CHECK(stripe_row.keys_live.value() > std::chrono::days{30});
}
