// Adyen, Braintree, SendGrid, Postmark and Chargebee: proofs of their own kinds, and what is
// identified.
#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "crypto/sha256_signature.hpp"
#include "http/percent.hpp"
#include "providers/items.hpp"
#include "signed.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::string replaced(std::string text, std::string_view old_part, std::string_view new_part) {
    const std::size_t at = text.find(old_part);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old_part.size(), new_part);
}

std::string adyen_item(std::string_view psp, std::string_view original, std::string_view account,
                       std::string_view reference, std::string_view signature = "") {
    return fmt::format(R"({{"additionalData":{{"hmacSignature":"{}"}},"pspReference":"{}",)"
                       R"("originalReference":"{}","merchantAccountCode":"{}","merchantReference":"{}",)"
                       R"("amount":{{"value":1,"currency":"EUR"}},"eventCode":"REFUND","success":"true"}})",
                       signature, psp, original, account, reference);
}

Request with_body(Request request, std::string body) {
    request.body = std::move(body);
    return request;
}

}  // namespace

TEST_CASE("adyen: an item is known by the fields that are signed") {
    const Signed adyen = of("adyen");
    CHECK(adyen.words_of("REFUND") ==
          "REFUND id=MADE000000000002 account=AcmeBoxesECOM mode=test subject=MADE000000000002 "
          "order=MADE000000000001 time=2025-11-25T11:59:52.000Z");
    const Request paid = adyen.sample_request("AUTHORISATION");
    CHECK(adyen.item_of(paid).key == id_key({"MADE000000000001", "AUTHORISATION", "true", ""}));
    // What nobody signs does not make another event.
    const Request reasoned = with_body(paid, replaced(paid.body, "087330", "087331"));
    CHECK(adyen.said_with("{}", reasoned) == "verified");
    CHECK(adyen.item_of(reasoned).fingerprint == adyen.item_of(paid).fingerprint);
    CHECK(adyen.words_of("balancePlatform.transfer.updated") ==
          "balancePlatform.transfer.updated id=- account=AcmeBoxesPlatform mode=test "
          "subject=3JNC3O5ZVFLLGV4B order=3JNC3O5ZVFLLGV4B time=2025-11-25T11:59:51.000Z");
    CHECK_THAT(refusal(adyen.provider, "{}", {"AB"}), Contains("64 hexadecimal digits"));
}

TEST_CASE("adyen: each signed field that is changed is refused, and so is an item without a proof") {
    const Signed adyen = of("adyen");
    const Request refund = adyen.sample_request("REFUND");
    for (const auto& [old_part, new_part] :
         {std::pair{"MADE000000000002", "MADE000000000003"},
          std::pair{"MADE000000000001", "MADE000000000003"}, std::pair{"AcmeBoxesECOM", "OtherECOM"},
          std::pair{"Q-1042", "Q-1043"}, std::pair{"1500", "1501"}, std::pair{"EUR", "USD"},
          std::pair{"\"REFUND\"", "\"CAPTURE\""},
          std::pair{"\"success\":\"true\"", "\"success\":\"false\""}}) {
        INFO(old_part);
        CHECK_THAT(adyen.said_with("{}", with_body(refund, replaced(refund.body, old_part, new_part))),
                   StartsWith("proof_wrong: "));
    }
    CHECK_THAT(adyen.said_with("{}", with_body(refund, replaced(refund.body, "hmacSignature", "other"))),
               StartsWith("proof_missing: "));
    CHECK_THAT(
        adyen.said_with("{}", with_body(refund, replaced(refund.body, "\"hmacSignature\"",
                                                         "\"hmacSignature\":\"AA\",\"hmacSignature\""))),
        StartsWith("proof_malformed: "));
    CHECK_THAT(adyen.said_with("{}", with_body(refund, "not JSON")), StartsWith("proof_missing: "));
    CHECK_THAT(adyen.said_with(R"({"account": "Other"})", refund), StartsWith("wrong_account: "));
}

TEST_CASE("adyen: text that is moved over a colon from one signed field to the next is refused") {
    const Signed adyen = of("adyen");
    const Request sent = adyen.request(adyen_item("PSPY1", "", "ShopCOM", "shop:order:78"));
    CHECK(adyen.said_with("{}", sent) == "verified");
    constexpr std::string_view mark = "\"hmacSignature\":\"";
    const std::string signature = sent.body.substr(sent.body.find(mark) + mark.size(), 44);
    const Secret key{crypto::hex_decode(adyen.secret.reveal()).value()};
    const std::string joined = "PSPY1::ShopCOM:shop:order:78:1:EUR:REFUND:true";
    // It is the same text, so that nobody who moves some of it has to sign it anew.
    REQUIRE(signature == crypto::base64_encode(*crypto::hmac(crypto::HmacHash::sha256, key, joined)));
    for (const auto& moved : {adyen_item("PSPY1:", "ShopCOM", "shop", "order:78", signature),
                              adyen_item("PSPY1", ":ShopCOM", "shop", "order:78", signature),
                              adyen_item("PSPY1", "", "ShopCOM:shop", "order:78", signature)}) {
        INFO(moved);
        CHECK_THAT(adyen.said_with("{}", with_body(sent, moved)),
                   StartsWith("proof_malformed: ") && Catch::EndsWith(": has a colon in it"));
    }
}

TEST_CASE("adyen: what we send is taken, and where an item could be read in two ways all of it is signed") {
    const Signed adyen = of("adyen");
    for (const auto& ambiguous :
         {adyen_item("PSPY1:", "ShopCOM", "shop", "order:78"), adyen_item("PSPY1", "", "ShopCOM:shop", "")}) {
        INFO(ambiguous);
        const Request whole = adyen.request(ambiguous);
        CHECK(whole.headers.contains("HmacSignature"));
        CHECK(whole.body == ambiguous);
        CHECK(adyen.said_with("{}", whole) == "verified");
    }
    const Request item = adyen.request(adyen_item("PSPY1", "", "ShopCOM", "shop:order:78"));
    CHECK_FALSE(item.headers.contains("HmacSignature"));
    CHECK(adyen.said_with("{}", item) == "verified");
}

TEST_CASE("adyen: of several items each is an event, and each must be signed") {
    const Signed adyen = of("adyen");
    const auto inner = [&](std::string_view type) {
        const std::string body = adyen.sample_request(type).body;
        const std::size_t begin = body.find("{\"NotificationRequestItem\"");
        return body.substr(begin, body.size() - 2 - begin);
    };
    const std::string first = inner("AUTHORISATION");
    const std::string second = inner("REFUND");
    const Request both =
        with_body({}, fmt::format("{{\"live\":\"true\",\"notificationItems\":[{}, {}]}}", first, second));
    CHECK(adyen.said_with("{}", both) == "verified");
    const auto items = adyen.provider.identify(*trust(adyen.provider, "{}", {}), both.received(), {});
    REQUIRE(items);
    REQUIRE(items->size() == 2);
    CHECK(items->at(1).type == "REFUND");
    CHECK(items->at(1).mode == Mode::live);
    const std::string slice = both.body.substr(items->at(1).offset, items->at(1).length);
    CHECK_THAT(slice, StartsWith("{\"additionalData\"") && Catch::EndsWith("\"success\":\"true\"}"));
    for (const std::string_view old_part : {"9900", "1500"}) {
        CHECK_THAT(adyen.said_with("{}", with_body(both, replaced(both.body, old_part, "1"))),
                   StartsWith("proof_wrong: "));
    }
    CHECK_THAT(adyen.said_with("{}", with_body({}, R"({"notificationItems":[]})")),
               StartsWith("proof_missing: "));
}

TEST_CASE("braintree: a notification is identified by its payload") {
    const Signed braintree = of("braintree");
    CHECK(braintree.words_of("subscription_charged_successfully") ==
          "subscription_charged_successfully id=- account=made0000merchant mode=unknown subject=sub77made "
          "order=sub77made time=2025-11-25T11:59:51.000Z");
    const Request sent = braintree.sample_request("subscription_went_past_due");
    const Request cut = with_body(sent, sent.body.substr(0, sent.body.size() - 3));
    CHECK(braintree.said_with("{}", cut) == "verified");
    CHECK(braintree.item_of(cut).key == braintree.item_of(sent).key);
    CHECK(braintree.said_with(R"({"account": "made0000merchant"})", sent) == "verified");
    CHECK_THAT(braintree.said_with(R"({"account": "other"})", sent), StartsWith("wrong_account: "));
    for (const std::string_view bad :
         {"<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a>&x;</a>", "<a", "</a>", "<>"})
        CHECK_THAT(braintree.why_not(bad), StartsWith("the XML"));
    CHECK(braintree.why_not("<a>&amp;</a>") == "the event's type is empty");
}

TEST_CASE("braintree: a proof that is missing, doubled, oversized or changed is refused") {
    const Signed braintree = of("braintree");
    const Request sent = braintree.sample_request("subscription_went_past_due");
    const auto said_of = [&](std::string body) {
        return braintree.said_with("{}", with_body(sent, std::move(body)));
    };
    CHECK_THAT(said_of(replaced(sent.body, "bt_signature", "x")), StartsWith("proof_missing: bt_signature"));
    CHECK_THAT(said_of(replaced(sent.body, "bt_payload", "x")), StartsWith("proof_missing: bt_payload"));
    CHECK_THAT(said_of(sent.body + "&bt_signature=x"), StartsWith("proof_malformed: "));
    CHECK_THAT(said_of(replaced(sent.body, "bt_signature=", "bt_signature=" + std::string(5000, 'a'))),
               StartsWith("proof_malformed: "));
    CHECK_THAT(said_of(replaced(sent.body, "bt_payload=P", "bt_payload=Q")), StartsWith("proof_wrong: "));
    CHECK_THAT(said_of(replaced(sent.body, "%7C", "%7C00")), StartsWith("proof_malformed: "));
    // By our key and by none, over the same payload.
    const auto signed_with = [&](std::string_view private_key) {
        const auto mac = crypto::hmac(crypto::HmacHash::sha1, Secret{crypto::sha1(private_key)},
                                      http::form_value(sent.body, "bt_payload").value());
        REQUIRE(mac);
        const std::size_t begin = sent.body.find("%7C") + 3;
        return said_of(sent.body.substr(0, begin) + crypto::hex_encode(*mac) + sent.body.substr(begin + 40));
    };
    const std::string secret = braintree.secret.reveal();
    CHECK(signed_with(secret.substr(secret.find(':') + 1)) == "verified");
    CHECK_THAT(signed_with(""), StartsWith("proof_wrong: "));
    for (const std::string_view bad : {"", "public", ":private", "public:"})
        CHECK_FALSE(refusal(braintree.provider, "{}", {bad}).empty());
}

TEST_CASE("sendgrid: each event of a request is one, and only a private key signs") {
    const Signed sendgrid = of("sendgrid");
    CHECK(sendgrid.words_of("bounce") ==
          "bounce id=made0000000000000000002 account=- mode=unknown subject=made.filter0001.1043-0 "
          "order=made.filter0001.1043-0 time=2025-11-25T11:59:52.000Z");
    CHECK(sendgrid.why_not("[]") == "the request has no events in it");
    CHECK(sendgrid.why_not("{}") == "the events are no list");
    const auto key =
        crypto::PrivateKey::from_der(Secret{crypto::base64_decode(sendgrid.secret.reveal()).value()});
    REQUIRE(key);
    const std::string shown = crypto::base64_encode(key->public_der());
    const auto by_public = trust(sendgrid.provider, "{}", {shown});
    CHECK(said(verify(sendgrid.provider, *by_public, sendgrid.sample_request("bounce"))) == "verified");
    CHECK_FALSE(sendgrid.provider.deliver("{}", Secret{shown}, sendgrid.provider.samples.front(), noon));
    CHECK_THAT(refusal(sendgrid.provider, "{}", {"SG.api_key"}), Contains("is no public key"));
}

TEST_CASE("postmark and chargebee: who knows the password is believed, and nobody else") {
    const Signed postmark = of("postmark");
    CHECK(postmark.words_of("Bounce") ==
          "Bounce id=883953f4-6105-42a2-a16a-77a8eac79483 account=23 mode=unknown "
          "subject=883953f4-6105-42a2-a16a-77a8eac79483 order=883953f4-6105-42a2-a16a-77a8eac79483 "
          "time=2025-11-25T11:59:51.000Z");
    CHECK(postmark.item_of(postmark.sample_request("Delivery")).key ==
          id_key({"883953f4-6105-42a2-a16a-77a8eac79484", "Delivery", "", "ada@lovelace.example",
                  "2025-11-25T11:59:50Z"}));
    const Signed chargebee = of("chargebee");
    CHECK(chargebee.words_of("payment_succeeded") ==
          "payment_succeeded id=ev_16BHbhF4s42tO2made1 account=- mode=unknown "
          "subject=txn_16BHbhF4s42tO2made1 order=sub_16CPmVUkXtS77 time=2025-11-25T11:59:51.000Z");
    for (const Signed* const one : {&postmark, &chargebee}) {
        const Request sent = one->request("{}");
        CHECK_THAT(one->said_with(R"({"user": "other"})", sent), StartsWith("proof_wrong: "));
        CHECK_THAT(refusal(one->provider, R"({"user": "a:b"})"), Contains("without a colon"));
        Request changed = sent;
        for (const std::string_view password : {"wrong", "", "\0"}) {
            changed.headers.set("Authorization",
                                "Basic " + crypto::base64_encode(fmt::format("tollgate:{}", password)));
            CHECK_THAT(one->said_with("{}", changed), StartsWith("proof_"));
        }
    }
}
