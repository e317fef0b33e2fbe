// PayPal, with certificates of our own making.
#include <array>

#include <boost/crc.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/base64.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::string_view good_url = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-made-0001";
constexpr std::string_view webhook_id = "4JH86294D6297924G";

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <typename Value>
using Owned = std::unique_ptr<Value, Free>;

struct Certificate {
    Owned<EVP_PKEY> key{EVP_RSA_gen(2048)};
    Owned<X509> x509{X509_new()};

    std::string pem() const {
        const Owned<BIO> bio{BIO_new(BIO_s_mem())};
        PEM_write_bio_X509(bio.get(), x509.get());
        char* text = nullptr;
        const long length = BIO_get_mem_data(bio.get(), &text);
        return {text, static_cast<std::size_t>(length)};
    }
};

void extend(X509* certificate, int what, const char* value) {
    const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, nullptr, what, value)};
    X509_add_ext(certificate, extension.get(), -1);
}

// Valid for a day around noon; of nobody: signed by itself, and an authority.
Certificate make(const std::string& name, const Certificate* by = nullptr) {
    Certificate made;
    X509* const x509 = made.x509.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), by == nullptr ? 1 : 2);
    const std::int64_t at = noon.time_since_epoch() / std::chrono::seconds{1};
    ASN1_TIME_set(X509_getm_notBefore(x509), at - 43'200);
    ASN1_TIME_set(X509_getm_notAfter(x509), at + 43'200);
    X509_set_pubkey(x509, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(by == nullptr ? x509 : by->x509.get()));
    extend(x509, NID_basic_constraints, by == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    X509_sign(x509, by == nullptr ? made.key.get() : by->key.get(), EVP_sha256());
    return made;
}

std::string signature_of(const Certificate& by, std::string_view id, std::string_view time,
                         std::string_view webhook, std::string_view body) {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    const std::string text = fmt::format("{}|{}|{}|{}", id, time, webhook, crc.checksum());
    const Owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(by.key.get())), '\0');
    std::size_t length = signature.size();
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, by.key.get()) == 1);
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    return crypto::base64_encode(signature);
}

// An authority of our own, PayPal's certificate of it, and what PayPal sends at noon.
struct Paypal {
    const Provider& provider = testing::provider("paypal");
    Certificate authority = make("Authority");
    Certificate paypals = make("messageverificationcerts.paypal.com", &authority);
    std::string chain = paypals.pem() + authority.pem();
    std::string body{provider.samples.front().body};

    std::string settings() const {
        return fmt::format(R"({{"roots": {}}})", boost::json::serialize(boost::json::value(authority.pem())));
    }
    std::shared_ptr<const Trust> trust() const { return testing::trust(provider, settings(), {webhook_id}); }
    Request request(std::string_view time = "2025-11-25T12:00:00Z") const {
        return {.headers = {{"PAYPAL-TRANSMISSION-ID", "t-1"},
                            {"PAYPAL-TRANSMISSION-TIME", time},
                            {"PAYPAL-TRANSMISSION-SIG", signature_of(paypals, "t-1", time, webhook_id, body)},
                            {"PAYPAL-CERT-URL", good_url},
                            {"PAYPAL-AUTH-ALGO", "SHA256withRSA"}},
                .body = body};
    }
    std::string said_of(const Request& sent, const std::string& document, Timestamp now = noon) const {
        const Documents documents{{std::string{good_url}, document}};
        return said(provider.verify(*trust(), sent.received(), now, documents));
    }
    std::string said_with(std::string_view header, std::string_view value) const {
        Request changed = request();
        changed.headers.set(header, value);
        return said_of(changed, chain);
    }
};

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
    CHECK(std::get<DocumentRequest>(first).url == good_url);
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
    const Certificate by_itself = make("messageverificationcerts.paypal.com");
    CHECK_THAT(why(by_itself.pem()), StartsWith("document_wrong: ") && Contains("self"));
    const Certificate of_another = make("messages.example.com", &paypal.authority);
    CHECK_THAT(why(of_another.pem()), StartsWith("document_wrong: ") && Contains("name does not end"));
    const Certificate other_key = make("messageverificationcerts.paypal.com", &paypal.authority);
    CHECK_THAT(why(other_key.pem()), StartsWith("proof_wrong: "));
    // The system trusts no authority that was made here.
    const auto by_system = testing::trust(paypal.provider, "{}", {webhook_id});
    const Documents documents{{std::string{good_url}, paypal.chain}};
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
    CHECK_FALSE(refusal(paypal.provider, "{}", {""}).empty());
    CHECK_FALSE(refusal(paypal.provider, R"({"roots": "none"})", {webhook_id}).empty());
}

TEST_CASE("paypal: a changed body, another webhook's id and a transmission of long ago are refused") {
    const Paypal& paypal = world();
    Request changed = paypal.request();
    changed.body.back() = ' ';
    CHECK_THAT(paypal.said_of(changed, paypal.chain), StartsWith("proof_wrong: "));
    const auto other = testing::trust(paypal.provider, paypal.settings(), {"0JH86294D6297924G"});
    const Documents documents{{std::string{good_url}, paypal.chain}};
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
