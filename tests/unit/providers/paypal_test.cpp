// PayPal, with certificates of our own making.
#include <catch2/catch.hpp>

#include "paypal_sender.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const Paypal& world() {
    static const Paypal one;  // keys of RSA take a while
    return one;
}

}  // namespace

TEST_CASE("paypal: a certificate is asked for, kept, and what it vouches for is believed") {
    const Paypal& paypal = world();
    const Request sent = paypal.request();
    const Verdict first = paypal.provider.verify(*paypal.trust(), sent.received(), noon, {});
    REQUIRE(std::holds_alternative<DocumentRequest>(first));
    CHECK(std::get<DocumentRequest>(first).url == paypal_url);
    CHECK(std::get<DocumentRequest>(first).keep >= std::chrono::hours{1});
    CHECK(paypal.said_of(sent, paypal.chain) == "verified");
    // PayPal sends the chain; a root that is trusted need not be in it.
    CHECK(paypal.said_of(sent, paypal.paypals.pem()) == "verified");
}

TEST_CASE("paypal: a certificate elsewhere is not even fetched") {
    const Paypal& paypal = world();
    for (const std::string_view url :
         {"http://api.paypal.com/v1/notifications/certs/CERT-1",
          "https://evil.example/v1/notifications/certs/C",
          "https://api.paypal.com.evil.example/v1/notifications/certs/C",
          "https://evilpaypal.com/v1/notifications/certs/C", "https://.paypal.com/v1/notifications/certs/C",
          "https://api.paypal.com@evil.example/v1/notifications/certs/C",
          "https://evil.example#api.paypal.com/v1/notifications/certs/C",
          "https://evil.example\\.paypal.com/v1/notifications/certs/C",
          "https://api.paypal.com:8443/v1/notifications/certs/C", "https://api.paypal.com/other/C",
          "https://api.paypal.com/v1/notifications/certs/../../x",
          "https://api.paypal.com/v1/notifications/certs/", "https://api.paypal.com", "//api.paypal.com"}) {
        INFO(url);
        CHECK_THAT(paypal.said_with("PAYPAL-CERT-URL", url),
                   StartsWith("proof_malformed: PayPal-Cert-Url: is not where"));
    }
}

TEST_CASE("paypal: a certificate that is expired, of another, or of nobody's vouches for nothing") {
    const Paypal& paypal = world();
    const Request sent = paypal.request();
    const auto why = [&](const std::string& document, Timestamp now = noon) {
        return paypal.said_of(sent, document, now);
    };
    CHECK_THAT(why(paypal.chain, noon + std::chrono::hours{13}),
               StartsWith("document_wrong: ") && Contains("expired"));
    CHECK_THAT(why(paypal.chain, noon - std::chrono::hours{13}),
               StartsWith("document_wrong: ") && Contains("not yet valid"));
    CHECK_THAT(why(""), StartsWith("document_wrong: ") && Contains("no certificate in PEM"));
    const Certificate by_itself = make_certificate("messageverificationcerts.paypal.com");
    CHECK_THAT(why(by_itself.pem()), StartsWith("document_wrong: ") && Contains("self"));
    const Certificate of_another = make_certificate("messages.example.com", &paypal.authority);
    CHECK_THAT(why(of_another.pem()), StartsWith("document_wrong: ") && Contains("name does not end"));
    const Certificate other_key = make_certificate("messageverificationcerts.paypal.com", &paypal.authority);
    CHECK_THAT(why(other_key.pem()), StartsWith("proof_wrong: "));
    // The system trusts no authority that was made here.
    const auto by_system = testing::trust(paypal.provider, "{}", {paypal_webhook_id});
    const Documents documents{{std::string{paypal_url}, {paypal.chain}}};
    CHECK_THAT(said(paypal.provider.verify(*by_system, sent.received(), noon, documents)),
               StartsWith("document_wrong: "));
}

TEST_CASE("paypal: a proof that is missing, doubled, oversized or of another algorithm is refused") {
    const Paypal& paypal = world();
    for (const std::string_view header : {"PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME",
                                          "PAYPAL-TRANSMISSION-SIG", "PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO"}) {
        INFO(header);
        Request without = paypal.request();
        without.headers.remove(header);
        CHECK_THAT(paypal.said_of(without, paypal.chain), StartsWith("proof_missing: "));
        Request twice = paypal.request();
        twice.headers.add(header, "x");
        CHECK_THAT(paypal.said_of(twice, paypal.chain), StartsWith("proof_malformed: "));
        CHECK_THAT(paypal.said_with(header, std::string(5000, 'a')), StartsWith("proof_malformed: "));
    }
    CHECK_THAT(paypal.said_with("PAYPAL-AUTH-ALGO", "SHA1withRSA"), StartsWith("proof_unknown: "));
    CHECK_THAT(paypal.said_with("PAYPAL-TRANSMISSION-ID", "t-2"), StartsWith("proof_wrong: "));
    CHECK_THAT(paypal.said_with("PAYPAL-TRANSMISSION-ID", "t-1|2025-11-25T12:00:00Z"),
               StartsWith("proof_malformed: "));
    CHECK_THAT(paypal.said_with("PAYPAL-TRANSMISSION-SIG", "AAAA"), StartsWith("proof_wrong: "));
    // For no webhook, by PayPal itself.
    CHECK_THAT(paypal.said_of(paypal.request_of(paypal.body, "2025-11-25T12:00:00Z", ""), paypal.chain),
               StartsWith("proof_wrong: "));
    CHECK_FALSE(refusal(paypal.provider, "{}", {""}).empty());
    CHECK_FALSE(refusal(paypal.provider, R"({"roots": "none"})", {paypal_webhook_id}).empty());
}

TEST_CASE("paypal: a changed body, another webhook's id and a transmission of long ago are refused") {
    const Paypal& paypal = world();
    Request changed = paypal.request();
    changed.body.back() = ' ';
    CHECK_THAT(paypal.said_of(changed, paypal.chain), StartsWith("proof_wrong: "));
    const auto other = testing::trust(paypal.provider, paypal.settings(), {"0JH86294D6297924G"});
    const Documents documents{{std::string{paypal_url}, {paypal.chain}}};
    CHECK_THAT(said(paypal.provider.verify(*other, paypal.request().received(), noon, documents)),
               StartsWith("proof_wrong: "));
    const auto none = testing::trust(paypal.provider, paypal.settings(), {});
    CHECK_THAT(said(paypal.provider.verify(*none, paypal.request().received(), noon, documents)),
               StartsWith("no_secret: "));
    CHECK_THAT(paypal.said_of(paypal.request("2025-11-21T11:59:59Z"), paypal.chain), StartsWith("too_old: "));
    CHECK(paypal.said_of(paypal.request("2025-11-21T12:00:00Z"), paypal.chain) == "verified");
    CHECK_THAT(paypal.said_with("PAYPAL-TRANSMISSION-TIME", "2025-11-25T11:59:59Z"),
               StartsWith("proof_wrong: "));
}

TEST_CASE("paypal: an event has an id, and its links say whether it is a test") {
    const Paypal& paypal = world();
    const Item event = item(paypal.provider, *paypal.trust(), paypal.request());
    CHECK(event.type == "PAYMENT.CAPTURE.COMPLETED");
    CHECK(event.key == "id:WH-0G2756385H040842W-MADE00000001");
    CHECK(event.account == "7BXMADE000001");
    CHECK(event.subject == "42311647XVMADE001");
    CHECK(event.ordering_key == "1JU08902781MADE01");
    CHECK(event.mode == Mode::test);
    CHECK(event.time == noon - std::chrono::milliseconds{8874});
    const auto delivery = paypal.provider.deliver("{}", Secret{"x"}, paypal.provider.samples.front(), noon);
    REQUIRE_FALSE(delivery);
    CHECK_THAT(delivery.error().detail, Contains("key of its own"));
}

TEST_CASE("paypal: a transmission brings one event, because other bodies have its CRC-32 too") {
    const Paypal& paypal = world();
    const Request sent = paypal.request();
    const Item event = item(paypal.provider, *paypal.trust(), sent);
    Request other = sent;
    other.body.replace(other.body.find("MADE00000001"), 12, "MADE00000002");
    const Item forged = item(paypal.provider, *paypal.trust(), other);
    CHECK(forged.key != event.key);
    REQUIRE(event.second_key);
    CHECK(forged.second_key == event.second_key);
    CHECK(forged.fingerprint != event.fingerprint);
    // Another one has a key of its own.
    CHECK(item(paypal.provider, *paypal.trust(), paypal.request_of(other.body)).second_key !=
          event.second_key);
}

TEST_CASE("paypal: a certificate that was believed is not believed when it has expired or was changed") {
    const Paypal& paypal = world();
    const auto trust = paypal.trust();  // one, which remembers
    const Request sent = paypal.request();
    const auto say = [&](const std::string& document, Timestamp now = noon) {
        const Documents documents{{std::string{paypal_url}, {document}}};
        return said(paypal.provider.verify(*trust, sent.received(), now, documents));
    };
    constexpr std::chrono::hours half_a_day{12};
    CHECK(say(paypal.chain) == "verified");
    CHECK(say(paypal.chain, noon + half_a_day - std::chrono::seconds{1}) == "verified");
    CHECK_THAT(say(paypal.chain, noon + half_a_day), StartsWith("document_wrong: ") && Contains("expired"));
    CHECK_THAT(say(paypal.chain, noon - half_a_day - std::chrono::seconds{1}),
               StartsWith("document_wrong: ") && Contains("not yet valid"));
    // It has forgotten nothing, and takes nothing else for it.
    CHECK(say(paypal.chain) == "verified");
    std::string changed = paypal.chain;
    changed[changed.size() / 3] = changed[changed.size() / 3] == 'A' ? 'B' : 'A';
    CHECK_THAT(say(changed), StartsWith("document_wrong: "));
    const Certificate other_key = make_certificate("messageverificationcerts.paypal.com", &paypal.authority);
    CHECK_THAT(say(other_key.pem()), StartsWith("proof_wrong: "));
    CHECK(say(paypal.chain) == "verified");
}
