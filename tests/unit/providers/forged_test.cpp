// Signatures over the right text by a wrong key: none at all, or another provider's. The same text with the
// right one is believed, so it is the key that is not.
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "http/percent.hpp"
#include "providers/proof_header.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::StartsWith;

namespace {

constexpr std::string_view then = "1764072000";  // noon

std::string body_of(const Request& request) {
    return request.body;
}

std::string with_id(const Request& request, std::string_view header) {
    return fmt::format("{}.{}.{}", request.headers.get(header).value_or(""), then, request.body);
}

// The URL, and each field of the form by name.
std::string fields_of(const Request& request) {
    std::map<std::string, std::string> fields;
    std::string_view rest = request.body;
    while (!rest.empty()) {
        const std::string_view field = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        const std::string name{field.substr(0, field.find('='))};
        fields[name] = http::form_value(request.body, name).value_or("");
    }
    std::string text = request.url;
    for (const auto& [name, value] : fields) text += name + value;
    return text;
}

std::string as_pasted(const std::string& secret) {
    return secret;
}

std::string from_hex(const std::string& secret) {
    return crypto::hex_decode(secret).value_or("");
}

std::string behind_prefix(const std::string& secret) {
    return crypto::base64_decode(secret.substr(secret.find('_') + 1)).value_or("");
}

struct Scheme {
    std::string_view provider;
    std::string_view header;
    std::string_view mark{};  // what stands in the header before the signature
    std::string (*text)(const Request& request) = body_of;
    crypto::HmacHash hash = crypto::HmacHash::sha256;
    Encoding encoding = Encoding::hex;
    std::string (*key)(const std::string& secret) = as_pasted;
    std::string_view sample{};
};

const std::vector<Scheme>& schemes() {
    constexpr auto base64 = Encoding::base64;
    static const std::vector<Scheme> table{
        {.provider = "adyen",
         .header = "HmacSignature",
         .encoding = base64,
         .key = from_hex,
         .sample = "balancePlatform.transfer.updated"},
        {.provider = "chargify", .header = "X-Chargify-Webhook-Signature-Hmac-Sha-256"},
        {.provider = "flutterwave", .header = "Flutterwave-Signature", .encoding = base64},
        {.provider = "generic", .header = "X-Signature"},
        {.provider = "github", .header = "X-Hub-Signature-256", .mark = "sha256="},
        {.provider = "gocardless", .header = "Webhook-Signature"},
        {.provider = "lemon_squeezy", .header = "X-Signature"},
        {.provider = "mollie", .header = "X-Mollie-Signature", .mark = "sha256="},
        {.provider = "paddle",
         .header = "Paddle-Signature",
         .mark = "h1=",
         .text = [](const Request& request) { return fmt::format("{}:{}", then, request.body); }},
        {.provider = "paystack", .header = "X-Paystack-Signature", .hash = crypto::HmacHash::sha512},
        {.provider = "razorpay", .header = "X-Razorpay-Signature"},
        {.provider = "recurly",
         .header = "Recurly-Signature",
         .mark = ",",
         .text = [](const Request& request) { return fmt::format("{}000.{}", then, request.body); }},
        {.provider = "resend",
         .header = "svix-signature",
         .mark = "v1,",
         .text = [](const Request& request) { return with_id(request, "svix-id"); },
         .encoding = base64,
         .key = behind_prefix},
        {.provider = "school", .header = "X-Signature"},
        {.provider = "shopify", .header = "X-Shopify-Hmac-Sha256", .encoding = base64},
        {.provider = "slack",
         .header = "X-Slack-Signature",
         .mark = "v0=",
         .text = [](const Request& request) { return fmt::format("v0:{}:{}", then, request.body); }},
        {.provider = "square",
         .header = "X-Square-HmacSha256-Signature",
         .text = [](const Request& request) { return request.url + request.body; },
         .encoding = base64},
        {.provider = "standard_webhooks",
         .header = "webhook-signature",
         .mark = "v1,",
         .text = [](const Request& request) { return with_id(request, "webhook-id"); },
         .encoding = base64,
         .key = behind_prefix},
        {.provider = "stripe",
         .header = "Stripe-Signature",
         .mark = "v1=",
         .text = [](const Request& request) { return fmt::format("{}.{}", then, request.body); }},
        {.provider = "twilio",
         .header = "X-Twilio-Signature",
         .text = fields_of,
         .hash = crypto::HmacHash::sha1,
         .encoding = base64}};
    return table;
}

struct Sender {
    const Scheme& scheme;
    const Provider& provider = testing::provider(scheme.provider);
    Secret secret = provider.make_secret();
    std::shared_ptr<const Trust> trust = testing::trust(provider, "{}", {secret.reveal()});
    Request request = delivered(
        provider, "{}", secret.reveal(),
        scheme.sample.empty() ? provider.samples.front() : testing::sample(provider, scheme.sample));

    std::string said_of(const Request& sent) const { return said(verify(provider, *trust, sent)); }
    std::string said_of_signature(std::string_view signature) const {
        Request sent = request;
        const std::string value{sent.headers.get(scheme.header).value()};
        const std::size_t at = value.find(scheme.mark);
        REQUIRE(at != std::string::npos);
        sent.headers.set(scheme.header,
                         fmt::format("{}{}", value.substr(0, at + scheme.mark.size()), signature));
        return said_of(sent);
    }
    std::string signed_with(const std::string& key) const {
        const auto mac = crypto::hmac(scheme.hash, Secret{key}, scheme.text(request));
        REQUIRE(mac);
        return encode_signature(*mac, scheme.encoding);
    }
};

}  // namespace

TEST_CASE("every provider that signs with a secret is in the table of forged signatures") {
    // Those prove themselves otherwise, and are forged in tests of their own.
    std::set<std::string_view> tried{"braintree", "chargebee", "paypal", "postmark", "sendgrid", "xendit"};
    for (const Scheme& scheme : schemes()) tried.insert(scheme.provider);
    for (const Provider* const provider : all()) {
        INFO(provider->name);
        CHECK(tried.contains(provider->name));
    }
}

TEST_CASE("what is signed with no key, with another provider's or not at all is not believed") {
    // An HMAC fills its key up with zeros: one zero is the empty key.
    const std::string nothing(1, '\0');
    for (const Scheme& scheme : schemes()) {
        INFO(scheme.provider);
        const Sender sender{scheme};
        REQUIRE(sender.said_of_signature(sender.signed_with(scheme.key(sender.secret.reveal()))) ==
                "verified");
        CHECK_THAT(sender.said_of_signature(sender.signed_with(nothing)), StartsWith("proof_wrong: "));
        for (const Provider* const other : all_that_sign()) {
            CHECK_THAT(sender.said_of_signature(sender.signed_with(other->make_secret().reveal())),
                       StartsWith("proof_wrong: "));
        }
        CHECK_FALSE(sender.said_of_signature("") == "verified");
    }
}

TEST_CASE("a body that is altered by one byte has another signature") {
    for (const Scheme& scheme : schemes()) {
        INFO(scheme.provider);
        const Sender sender{scheme};
        for (const std::size_t at : {sender.request.body.size() / 3, sender.request.body.size() - 2}) {
            Request changed = sender.request;
            changed.body[at] = changed.body[at] == 'x' ? 'y' : 'x';
            CHECK_THAT(sender.said_of(changed), StartsWith("proof_wrong: "));
        }
    }
}
