#include "providers/standard_webhooks/standard_webhooks.hpp"

#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::string_view shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view private_key =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
constexpr std::string_view public_key = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const Provider& standard = standard_webhooks::provider();

Request signed_by(std::string_view secret, std::string_view body = "{}", std::string_view id = "msg_1") {
    return delivered(standard, "{}", secret, {.type = "", .body = body, .headers = {{"webhook-id", id}}});
}

std::string signature_of(const Request& request) {
    return std::string{request.headers.get("webhook-signature").value()};
}

std::string said_of(const Request& request, std::initializer_list<std::string_view> secrets = {shared},
                    std::string_view settings = "{}", Timestamp now = noon) {
    return said(verify(standard, *trust(standard, settings, secrets), request, now));
}

std::string said_with(std::string_view signatures,
                      std::initializer_list<std::string_view> secrets = {shared}) {
    Request request = signed_by(shared);
    request.headers.set("webhook-signature", signatures);
    return said_of(request, secrets);
}

}  // namespace

TEST_CASE("standard webhooks: what is wrong with a signature is said") {
    const std::string good = signature_of(signed_by(shared));
    CHECK(said_with(good) == "verified");
    CHECK(said_with("v1,AAAA " + good) == "verified");
    CHECK(said_with("v9,x  " + good + " ") == "verified");
    CHECK(said_with("") == "proof_missing: webhook-signature: is empty");
    CHECK_THAT(said_with("v2" + good.substr(2)),
               StartsWith("proof_unknown: webhook-signature: has 0 signatures of v1"));
    CHECK_THAT(said_with(good.substr(3)), StartsWith("proof_unknown: "));
    CHECK_THAT(said_with("v1 " + good.substr(3)), StartsWith("proof_unknown: "));
    CHECK(said_with(good.substr(0, 20)) ==
          "proof_malformed: webhook-signature: 44 characters of base64 expected, 17 came");
    CHECK_THAT(said_with("v1," + std::string(44, '!')),
               StartsWith("proof_malformed: webhook-signature: not base64"));
    CHECK(said_with("v1," + crypto::base64_encode(std::string(32, 'x'))) ==
          "proof_wrong: webhook-signature: fits none of the secrets");
    std::string many;
    for (int i = 0; i < 15; ++i) many += "v1," + crypto::base64_encode(std::string(32, 'x')) + " ";
    CHECK(said_with(many + good) == "verified");
    CHECK(said_with(many + "v1,x " + good) ==
          "proof_malformed: webhook-signature: has more than 16 signatures");
    CHECK(said_with(std::string(10'240, 'v')) ==
          "proof_malformed: webhook-signature: has 10240 bytes, at most 4096 are read");
}

TEST_CASE("standard webhooks: id and time are there, sound, and signed") {
    const Request good = signed_by(shared);
    const auto with = [&](std::string_view name, std::string_view value) {
        Request changed = good;
        changed.headers.set(name, value);
        return said_of(changed);
    };
    const auto without = [&](std::string_view name) {
        Request changed = good;
        changed.headers.remove(name);
        return said_of(changed);
    };
    CHECK(without("webhook-id") == "proof_missing: webhook-id: is not there");
    CHECK(without("webhook-timestamp") == "proof_missing: webhook-timestamp: is not there");
    CHECK(with("webhook-id", "msg_2") == "proof_wrong: webhook-signature: fits none of the secrets");
    CHECK(with("webhook-id", "msg.1") == "proof_malformed: webhook-id: has a dot in it");
    CHECK_THAT(with("webhook-id", std::string(300, 'm')),
               StartsWith("proof_malformed: webhook-id: has 300 bytes"));
    CHECK(with("webhook-timestamp", "1764072001") ==
          "proof_wrong: webhook-signature: fits none of the secrets");
    CHECK(with("webhook-timestamp", "noon") == "proof_malformed: webhook-timestamp: is no time in seconds");
    const auto at = [&](int seconds, std::string_view settings = "{}") {
        return said_of(good, {shared}, settings, noon + std::chrono::seconds{seconds});
    };
    CHECK(at(300) == "verified");
    CHECK(at(301) == "too_old: webhook-timestamp: signed 301 s ago, 300 s are tolerated");
    CHECK(at(-300) == "verified");
    CHECK_THAT(at(-301), StartsWith("too_new: webhook-timestamp: "));
    CHECK_THAT(at(2, R"({"tolerance": 1})"), StartsWith("too_old: "));
}

TEST_CASE("standard webhooks: headers of the two families are not mixed") {
    Request mixed = signed_by(shared);
    mixed.headers.add("svix-signature", signature_of(mixed));
    CHECK(said_of(mixed) == "proof_missing: svix-id: is not there");
    mixed.headers.add("svix-id", "msg_1");
    mixed.headers.add("svix-timestamp", "1764072000");
    CHECK(said_of(mixed) == "verified");
    mixed.headers.set("webhook-id", "msg_2");
    CHECK(item(standard, *trust(standard, "{}", {shared}), mixed).event_id == "msg_1");
}

TEST_CASE("standard webhooks: public keys verify v1a, and nothing else") {
    const Request request = signed_by(private_key);
    CHECK_THAT(signature_of(request), StartsWith("v1a,"));
    CHECK(said_of(request, {public_key}) == "verified");
    CHECK(said_of(request, {shared, public_key}) == "verified");
    CHECK(said_of(signed_by(shared), {shared, public_key}) == "verified");
    CHECK(said_of(request, {shared}) ==
          "proof_unknown: webhook-signature: has 0 signatures of v1 and 1 of v1a, and the source no secret "
          "for those");
    CHECK_THAT(said_of(signed_by(shared), {public_key}), StartsWith("proof_unknown: "));
    CHECK(said_of(signed_by(private_key, "[]"), {public_key}) == "verified");
    const auto with = [&](std::string_view signatures) {
        Request changed = request;
        changed.headers.set("webhook-signature", signatures);
        return said_of(changed, {public_key});
    };
    CHECK_THAT(with("v1a,AAAA"), StartsWith("proof_malformed: webhook-signature: 88 characters of base64"));
    CHECK_THAT(with("v1a," + crypto::base64_encode(std::string(64, 'x'))), StartsWith("proof_wrong: "));
    CHECK(with("v1a," + crypto::base64_encode(std::string(64, 'x')) + " " + signature_of(request)) ==
          "verified");
    // A malformed signature of the one kind does not hide that one of the other kind was compared.
    Request both = request;
    both.headers.set("webhook-signature", "v1,AAAA v1a," + crypto::base64_encode(std::string(64, 'x')));
    CHECK_THAT(said_of(both, {shared, public_key}), StartsWith("proof_wrong: "));

    SourceSecret expired = secret(public_key);
    expired.valid_until = noon;
    const std::vector<SourceSecret> secrets{expired, secret(shared)};
    const auto good = standard.make_trust("{}", secrets);
    REQUIRE(good);
    CHECK_THAT(said(standard.verify(**good, request.received(), noon, {})), StartsWith("proof_unknown: "));
    CHECK(said(standard.verify(**good, request.received(), noon - std::chrono::microseconds{1}, {})) ==
          "verified");
    const SourceSecret another = secret(
        "whpk_" + crypto::base64_encode(crypto::ed25519_public_key(Secret{std::string(32, 's')}).value()));
    const std::vector<SourceSecret> keys{expired, another};
    const auto rotated = standard.make_trust("{}", keys);
    REQUIRE(rotated);
    CHECK_THAT(said(standard.verify(**rotated, request.received(), noon, {})), StartsWith("proof_wrong: "));
}

TEST_CASE("standard webhooks: a message is identified") {
    const auto of = [](std::string_view body) {
        return item(standard, *trust(standard, "{}", {shared}), signed_by(shared, body));
    };
    const Item paid = of(R"({"type":"invoice.paid","timestamp":"2025-11-25T12:00:00Z","data":{}})");
    CHECK(paid.type == "invoice.paid");
    CHECK(paid.key == "id:msg_1");
    CHECK(paid.event_id == "msg_1");
    CHECK_FALSE(paid.second_key);
    CHECK(paid.time == noon);
    CHECK(of("{}").type == "message");
    CHECK(of("plain text").type == "message");
    CHECK(of(R"({"b":1,"a":2})").fingerprint == of(R"({"a": 2, "b": 1})").fingerprint);
    CHECK(of("plain text").fingerprint != of("plain text.").fingerprint);
    const auto good = trust(standard, "{}", {shared});
    CHECK(not_identified(standard, *good, signed_by(shared, "")) == "the body is empty");
    CHECK(not_identified(standard, *good, signed_by(shared, R"({"type":"a","type":"b"})")) ==
          "\"type\" is there twice (/type)");
    CHECK(not_identified(standard, *good, {.body = "{}"}) == "the header with the message's id is not there");
}

TEST_CASE("resend: an event is identified by the id in the header") {
    const Provider& resend = testing::provider("resend");
    const auto good = trust(resend, "{}", {shared});
    const Request request = delivered(resend, "{}", shared, sample(resend, "email.bounced"));
    CHECK(request.headers.contains("svix-signature"));
    const Item bounced = item(resend, *good, request);
    CHECK(bounced.type == "email.bounced");
    CHECK(bounced.event_id == std::string{request.headers.get("svix-id").value()});
    CHECK(bounced.key == "id:" + *bounced.event_id);
    CHECK(bounced.subject == "56761188-7520-42d8-8898-ff6fc54ce618");
    CHECK(bounced.ordering_key == bounced.subject);
    CHECK(bounced.time == parse_rfc3339("2025-11-25T11:59:52.126Z").value());
    Request contact{.headers = {{"svix-id", "msg_2"}, {"svix-signature", "v1,x"}},
                    .body = R"({"type":"contact.created","data":{"id":"c-1"}})"};
    CHECK(item(resend, *good, contact).subject == "c-1");
    contact.body = R"({"data":{}})";
    CHECK(not_identified(resend, *good, contact) == "the body's /type: it is not there");
    contact.body = "x";
    CHECK_THAT(not_identified(resend, *good, contact), StartsWith("the body is not JSON"));
    CHECK(not_identified(resend, *good, {.body = "{}"}) == "the header svix-id is not there");
}

TEST_CASE("standard webhooks: a public key cannot sign") {
    const auto delivery =
        standard.deliver("{}", Secret{std::string{public_key}}, standard.samples.front(), noon);
    REQUIRE_FALSE(delivery);
    CHECK(delivery.error().code == ErrorCode::invalid);
    CHECK_THAT(delivery.error().detail, Contains("cannot sign"));
}
