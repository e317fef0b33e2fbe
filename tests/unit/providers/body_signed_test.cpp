// Razorpay, Chargify and the school: the body is signed, in hexadecimal.
#include <catch2/catch.hpp>

#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::string_view chargify_header = "X-Chargify-Webhook-Signature-Hmac-Sha-256";
constexpr std::string_view md5_header = "X-Chargify-Webhook-Signature";

std::string hex_hmac(std::string_view body) {
    return crypto::hex_encode(crypto::hmac(crypto::HmacHash::sha256, Secret{"shared"}, body).value());
}

std::string hex_md5(std::string_view body) {
    return crypto::hex_encode(crypto::md5("shared" + std::string{body}));
}

Request request(std::string_view header, std::string_view body) {
    return {.headers = {{header, hex_hmac(body)}}, .body = std::string{body}};
}

std::string said_of(std::string_view provider, const Request& request, std::string_view settings = "{}") {
    const Provider& row = testing::provider(provider);
    return said(verify(row, *trust(row, settings, {"shared"}), request));
}

Item event(std::string_view provider, const Request& request) {
    const Provider& row = testing::provider(provider);
    return item(row, *trust(row, "{}", {"shared"}), request);
}

std::string no_event(std::string_view provider, const Request& request) {
    const Provider& row = testing::provider(provider);
    return not_identified(row, *trust(row, "{}", {"shared"}), request);
}

Request razorpay(std::string_view body, std::string_view id = "evt_1") {
    Request made = request("X-Razorpay-Signature", body);
    if (!id.empty()) made.headers.add("x-razorpay-event-id", id);
    return made;
}

Request school(std::string_view body) {
    Request made = request("X-Signature", body);
    made.headers.add("X-School-Code", "SCH-7");
    return made;
}

// A payment in which one field is replaced.
std::string school_body(std::string_view field = "", std::string_view value = "") {
    const std::vector<std::pair<std::string_view, std::string_view>> fields{
        {"event_id", "\"e-1\""},
        {"external_txn_id", "\"T-1\""},
        {"amount", "\"100.50\""},
        {"currency", "\"NGN\""},
        {"status", "\"success\""},
        {"provider_student_id", "\"S-1\""},
        {"raw", "{}"}};
    std::string body;
    for (const auto& [name, usual] : fields) {
        const std::string_view written = name == field ? value : usual;
        if (!written.empty()) body += fmt::format("{}\"{}\":{}", body.empty() ? "" : ",", name, written);
    }
    return "{" + body + "}";
}

}  // namespace

TEST_CASE("a hexadecimal signature is lower-case, whole, and there once") {
    for (const auto& [provider, header] :
         {std::pair{"razorpay", std::string_view{"X-Razorpay-Signature"}},
          std::pair{"chargify", chargify_header}, std::pair{"school", std::string_view{"X-Signature"}},
          std::pair{"generic", std::string_view{"X-Signature"}}}) {
        INFO(provider);
        const std::string body = "{\"a\":1}";
        const std::string good = hex_hmac(body);
        const auto with = [&](std::string_view value) {
            return said_of(provider, {.headers = {{header, value}}, .body = body});
        };
        CHECK(with(good) == "verified");
        CHECK(said_of(provider, {.body = body}) == fmt::format("proof_missing: {}: is not there", header));
        CHECK(with("") == fmt::format("proof_missing: {}: is empty", header));
        std::string upper = good;
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        CHECK_THAT(with(upper),
                   StartsWith(fmt::format("proof_malformed: {}: not lower-case hexadecimal", header)));
        for (const std::string& wrong :
             {good.substr(2), good.substr(1), good + "00", good + " ", "sha256=" + good}) {
            CHECK_THAT(with(wrong), StartsWith(fmt::format("proof_malformed: {}: 64 characters", header)));
        }
        CHECK_THAT(with(std::string(10'240, 'a')), StartsWith("proof_malformed: "));
        std::string changed = good;
        changed[63] = changed[63] == '0' ? '1' : '0';
        CHECK(with(changed) == fmt::format("proof_wrong: {}: fits none of the secrets", header));
        Request twice{.headers = {{header, good}, {header, good}}, .body = body};
        CHECK(said_of(provider, twice) == fmt::format("proof_malformed: {}: is there 2 times", header));
    }
}

TEST_CASE("razorpay: an event is identified, and a captured body is known under any id") {
    const std::string body(sample(testing::provider("razorpay"), "subscription.charged").body);
    const Item charged = event("razorpay", razorpay(body));
    CHECK(charged.type == "subscription.charged");
    CHECK(charged.key == "id:evt_1");
    CHECK(charged.event_id == "evt_1");
    CHECK(charged.account == "acc_PT0llgateMade1");
    CHECK(charged.subject == "sub_RbTollgate0001");
    CHECK(charged.ordering_key == "sub_RbTollgate0001");
    CHECK(charged.time == noon - std::chrono::seconds{8});
    const Item again = event("razorpay", razorpay(body, "evt_2"));
    CHECK(again.key != charged.key);
    REQUIRE(charged.second_key);
    CHECK(again.second_key == charged.second_key);
    CHECK(again.fingerprint == charged.fingerprint);
    CHECK(event("razorpay", razorpay(body, "")).key == charged.second_key);

    const Provider& row = testing::provider("razorpay");
    const auto order_of = [&](std::string_view type) {
        return event("razorpay", razorpay(sample(row, type).body)).ordering_key;
    };
    CHECK(order_of("payment.captured") == "order_RbTollgate001");
    CHECK(order_of("order.paid") == "order_RbTollgate001");
    CHECK(event("razorpay", razorpay(sample(row, "order.paid").body)).subject == "order_RbTollgate001");
    CHECK(event("razorpay", razorpay(sample(row, "payment.captured").body)).subject == "pay_RbTollgate0001");
    const Item odd = event(
        "razorpay", razorpay(R"({"event":"a/b.c","contains":["x"],"payload":{"x":{"entity":{"id":"y"}}}})"));
    CHECK(odd.subject == "y");
    CHECK(odd.ordering_key == "y");
    CHECK(no_event("razorpay", razorpay("{}")) == "the body's /event: it is not there");
    CHECK(no_event("razorpay", razorpay(R"({"event":"a","event":"b"})")) ==
          "\"event\" is there twice (/event)");
}

TEST_CASE("razorpay: a source can be pinned to an account, which is signed") {
    constexpr std::string_view pinned = R"({"account": "acc_1"})";
    CHECK(said_of("razorpay", razorpay(R"({"account_id":"acc_1"})"), pinned) == "verified");
    CHECK(said_of("razorpay", razorpay(R"({"account_id":"acc_2"})"), pinned) ==
          "wrong_account: account_id: the event is of another one, the source takes acc_1 only");
    CHECK_THAT(said_of("razorpay", razorpay("{}"), pinned), Contains("names none"));
    CHECK_THAT(said_of("razorpay", razorpay("x"), pinned),
               StartsWith("wrong_account: account_id: the body is not JSON"));
    CHECK_THAT(said_of("razorpay", razorpay(R"({"account_id":"acc_1","account_id":"acc_2"})"), pinned),
               StartsWith("wrong_account: "));
}

TEST_CASE("chargify: an event is identified by its form") {
    const Item paid = event(
        "chargify", request(chargify_header, sample(testing::provider("chargify"), "payment_success").body));
    CHECK(paid.type == "payment_success");
    CHECK(paid.key == "id:176857901");
    CHECK_FALSE(paid.second_key);
    CHECK(paid.event_id == "176857901");
    CHECK(paid.account == "acme-coffee");
    CHECK(paid.mode == Mode::unknown);
    CHECK(paid.subject == "subscription/15100141");
    CHECK(paid.ordering_key == "customer/14585695");
    CHECK(paid.time == noon + std::chrono::seconds{1});
    const auto of = [](std::string_view body) { return event("chargify", request(chargify_header, body)); };
    const Item updated =
        of("id=1&event=customer_update&payload[customer][id]=5&payload[customer][updated_at]=2012-09-09%2011%"
           "3A38%3A32%20-0400");
    CHECK(updated.subject == "customer/5");
    CHECK(updated.ordering_key == "customer/5");
    CHECK(updated.time == parse_rfc3339("2012-09-09T15:38:32Z").value());
    CHECK_FALSE(of("id=1&event=test&payload[chargify]=testing").subject);
    CHECK_FALSE(of("id=1&event=test&payload[customer][updated_at]=yesterday").time);
    const std::string first = of("id=1&event=a&payload[x]=1&payload[y]=2").fingerprint;
    CHECK(of("id=1&event=a&payload%5By%5D=2&payload[x]=1").fingerprint == first);
    CHECK(of("id=1&event=a&payload[x]=2&payload[y]=2").fingerprint != first);
    CHECK(of("id=1&event=a&payload[x]=1&payload[x]=1&payload[y]=2").fingerprint != first);
}

TEST_CASE("chargify: what is no event is refused with what it lacks") {
    const auto why = [](std::string_view body) {
        return no_event("chargify", request(chargify_header, body));
    };
    CHECK(why("") == "the form's field event is not there, or empty");
    CHECK(why("event=a") == "the form's field id is not there, or empty");
    CHECK(why("id=1") == "the form's field event is not there, or empty");
    CHECK(why("id=1&id=2&event=a") == "the form's field id is there twice");
    CHECK(why("id=1&event=a&%65vent=b") == "the form's field event is there twice");
    CHECK(why("id=%00&event=a") == "the event's id has control characters");
    CHECK(why("id=%ff&event=a") == "the event's id is not UTF-8");
    CHECK(why("{\"id\":1}") == "the form's field event is not there, or empty");
}

TEST_CASE("chargify: a source can be pinned to a site") {
    constexpr std::string_view pinned = R"({"account": "acme"})";
    const auto at = [&](std::string_view body) {
        return said_of("chargify", request(chargify_header, body), pinned);
    };
    CHECK(at("id=1&payload[site][subdomain]=acme") == "verified");
    CHECK(at("id=1&payload[site][subdomain]=other") ==
          "wrong_account: payload[site][subdomain]: the event is of another one, the source takes acme only");
    CHECK_THAT(at("id=1"), Contains("names none"));
    CHECK_THAT(at("payload[site][subdomain]=acme&payload[site][subdomain]=other"),
               StartsWith("wrong_account: "));
}

TEST_CASE("chargify: MD5 is a proof only where the settings say so, and never beside the HMAC") {
    const std::string body = "id=1&event=test";
    const Request old{.headers = {{md5_header, hex_md5(body)}}, .body = body};
    constexpr std::string_view accepting = R"({"accept_md5": true})";
    CHECK(said_of("chargify", old) == fmt::format("proof_missing: {}: is not there", chargify_header));
    CHECK(said_of("chargify", old, R"({"accept_md5": false})") ==
          fmt::format("proof_missing: {}: is not there", chargify_header));
    CHECK(said_of("chargify", old, accepting) == "verified");
    CHECK(said_of("chargify", {.headers = {{md5_header, hex_md5("x")}}, .body = body}, accepting) ==
          fmt::format("proof_wrong: {}: fits none of the secrets", md5_header));
    CHECK_THAT(said_of("chargify", {.headers = {{md5_header, "d341fc"}}, .body = body}, accepting),
               Contains("32 characters of lower-case hexadecimal expected"));
    Request both = old;
    both.headers.add(chargify_header, hex_hmac("x"));
    CHECK(said_of("chargify", both, accepting) ==
          fmt::format("proof_wrong: {}: fits none of the secrets", chargify_header));

    const Provider& row = testing::provider("chargify");
    SourceSecret expired = secret("shared");
    expired.valid_until = noon;
    const std::vector<SourceSecret> secrets{expired, secret("other")};
    const auto good = row.make_trust(accepting, secrets);
    REQUIRE(good);
    CHECK_THAT(said(row.verify(**good, old.received(), noon, {})), StartsWith("proof_wrong: "));
}

TEST_CASE("school: a payment is identified") {
    const Item paid = event("school", school(school_body()));
    CHECK(paid.type == "payment.success");
    CHECK(paid.key == "id:e-1");
    CHECK(paid.event_id == "e-1");
    CHECK(paid.account == "SCH-7");
    CHECK(paid.subject == "T-1");
    CHECK(paid.ordering_key == "T-1");
    CHECK_FALSE(paid.time);
    CHECK(event("school", school(school_body("amount", "\"100,000\""))).fingerprint != paid.fingerprint);
    Request of_another = school(school_body());
    of_another.headers.set("X-School-Code", "SCH-8");
    CHECK(event("school", of_another).key == paid.key);
    CHECK(event("school", of_another).fingerprint == paid.fingerprint);
}

TEST_CASE("school: a payment is checked in full") {
    const auto why = [](std::string_view field, std::string_view value) {
        return no_event("school", school(school_body(field, value)));
    };
    for (const std::string_view field :
         {"event_id", "external_txn_id", "amount", "currency", "status", "provider_student_id"}) {
        CHECK(why(field, "") == fmt::format("the body's /{}: it is not there", field));
        CHECK(why(field, "null") == fmt::format("the body's /{}: it is not there", field));
        CHECK(why(field, "5") == fmt::format("the body's /{}: it is no text", field));
        CHECK(why(field, "\"\"") == fmt::format("the body's /{}: it is empty", field));
    }
    CHECK_THAT(why("amount", "\"1,00\""), StartsWith("the body's /amount: "));
    CHECK_THAT(why("amount", "\"100.505\""), StartsWith("the body's /amount: "));
    CHECK(why("amount", "\"-1.00\"") == "the body's /amount: it is negative");
    CHECK_THAT(why("currency", "\"XXY\""), StartsWith("the body's /currency: "));
    CHECK(why("amount", "\"100,000\"").empty());
    CHECK(why("raw", "") == "the body's /raw: it is no object, or not there");
    CHECK(why("raw", "[]") == "the body's /raw: it is no object, or not there");
}

TEST_CASE("school: a source can be pinned to a school's code") {
    const Request paid = school(school_body());
    CHECK(said_of("school", paid, R"({"account": "SCH-7"})") == "verified");
    CHECK(said_of("school", paid, R"({"account": "SCH-8"})") ==
          "wrong_account: X-School-Code: the event is of another one, the source takes SCH-8 only");
}
