#include "attack_rows.hpp"

namespace tollgate::providers::testing {

namespace {

constexpr auto sha256 = crypto::HmacHash::sha256;
constexpr auto sha512 = crypto::HmacHash::sha512;

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Row>& rows() {
    static const std::vector<Row> table{
        {.provider = "adyen", .proof = "HmacSignature", .sample = "balancePlatform.transfer.updated"},
        {.provider = "adyen",
         .proof = "additionalData.hmacSignature",
         .in_body = InBody{R"("hmacSignature":")", "\"", ","},
         .covered = R"("value":)",
         .sample = "AUTHORISATION"},
        {.provider = "braintree",
         .proof = "bt_signature",
         .in_body = InBody{"bt_signature=", "&"},
         .covered = "bt_payload="},
        {.provider = "paypal",
         .proof = "PayPal-Transmission-Sig",
         .time_header = "PayPal-Transmission-Time",
         .noon_text = "2025-11-25T12:00:00Z",
         .later_text = "2025-12-25T12:00:00Z"},
        {.provider = "chargebee", .proof = "Authorization", .named = "Basic ", .other = "Bearer "},
        {.provider = "mollie",
         .proof = "X-Mollie-Signature",
         .named = "sha256=",
         .other = "sha1=",
         .body_hash = sha256,
         .may_come_twice = true},
        {.provider = "postmark", .proof = "Authorization", .named = "Basic ", .other = "Digest "},
        {.provider = "sendgrid",
         .proof = "X-Twilio-Email-Event-Webhook-Signature",
         .time_header = "X-Twilio-Email-Event-Webhook-Timestamp"},
        {.provider = "chargify", .proof = "X-Chargify-Webhook-Signature-Hmac-Sha-256", .body_hash = sha256},
        {.provider = "flutterwave",
         .proof = "Flutterwave-Signature",
         .body_hash = sha256,
         .encoding = Encoding::base64},
        {.provider = "generic", .proof = "X-Signature", .body_hash = sha256},
        {.provider = "github",
         .proof = "X-Hub-Signature-256",
         .named = "sha256=",
         .other = "sha1=",
         .body_hash = sha256},
        {.provider = "gocardless", .proof = "Webhook-Signature", .body_hash = sha256},
        {.provider = "lemon_squeezy", .proof = "X-Signature", .body_hash = sha256},
        {.provider = "paddle",
         .proof = "Paddle-Signature",
         .named = "h1=",
         .other = "h2=",
         .time_header = "Paddle-Signature"},
        {.provider = "paystack", .proof = "X-Paystack-Signature", .body_hash = sha512},
        {.provider = "razorpay", .proof = "X-Razorpay-Signature", .body_hash = sha256},
        {.provider = "recurly", .proof = "Recurly-Signature", .time_header = "Recurly-Signature"},
        {.provider = "resend",
         .proof = "svix-signature",
         .named = "v1,",
         .other = "v2,",
         .time_header = "svix-timestamp"},
        {.provider = "school", .proof = "X-Signature", .body_hash = sha256},
        {.provider = "shopify",
         .proof = "X-Shopify-Hmac-Sha256",
         .body_hash = sha256,
         .encoding = Encoding::base64},
        {.provider = "slack",
         .proof = "X-Slack-Signature",
         .named = "v0=",
         .other = "v1=",
         .time_header = "X-Slack-Request-Timestamp"},
        {.provider = "square", .proof = "X-Square-HmacSha256-Signature"},
        {.provider = "standard_webhooks",
         .proof = "webhook-signature",
         .named = "v1,",
         .other = "v2,",
         .time_header = "webhook-timestamp"},
        {.provider = "stripe",
         .proof = "Stripe-Signature",
         .named = "v1=",
         .other = "v0=",
         .time_header = "Stripe-Signature"},
        {.provider = "twilio", .proof = "X-Twilio-Signature"},
        {.provider = "xendit", .proof = "X-Callback-Token"}};
    return table;
}

}  // namespace tollgate::providers::testing
