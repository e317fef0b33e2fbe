// What an event is known by, for the providers whose folders are mostly tables.
#include <catch2/catch.hpp>

#include "providers/items.hpp"
#include "signed.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;

TEST_CASE("paystack: an event is known by its body") {
    const Signed paystack = of("paystack");
    CHECK(paystack.words_of("charge.success") ==
          "charge.success id=- account=- mode=test subject=qTPrJoyMade1 order=qTPrJoyMade1 "
          "time=2025-11-25T11:59:50.000Z");
    CHECK(paystack.words_of("subscription.disable") ==
          "subscription.disable id=- account=- mode=test subject=SUB_made0001 order=SUB_made0001 "
          "time=2025-11-25T11:59:30.000Z");
    const Request paid = paystack.sample_request("charge.success");
    CHECK(paystack.item_of(paid).key == body_key("charge.success", paid.body));
    CHECK(paystack.why_not("{}") == "the body's /event: it is not there");
    CHECK_FALSE(paystack.why_not(R"({"event":"a","event":"b"})").empty());
    CHECK(paystack.item_of(paystack.request(R"({"event":"a","data":{"domain":"live"}})")).mode == Mode::live);
    CHECK_THAT(refusal(paystack.provider, "{}", {"pk_live_1"}), Contains("is a public key"));
}

TEST_CASE("lemon_squeezy: an event is known by its body, and a source can be pinned to a store") {
    const Signed lemon = of("lemon_squeezy");
    CHECK(lemon.words_of("order_created") ==
          "order_created id=- account=77 mode=test subject=1042 order=1042 time=2025-11-25T11:59:51.000Z");
    CHECK(lemon.words_of("subscription_cancelled") ==
          "subscription_cancelled id=- account=77 mode=test subject=2042 order=1042 "
          "time=2025-11-25T11:59:51.000Z");
    const Request ordered = lemon.sample_request("order_created");
    CHECK(lemon.item_of(ordered).key == body_key("order_created", ordered.body));
    CHECK(lemon.said_with(R"({"account": "77"})", ordered) == "verified");
    CHECK_THAT(lemon.said_with(R"({"account": "78"})", ordered), Catch::StartsWith("wrong_account: "));
}

TEST_CASE("square: an event has an id, and its URL is as it was told to Square") {
    const Signed square = of("square");
    CHECK(square.words_of("payment.updated") ==
          "payment.updated id=6a8f5f28-54a1-4eb0-a98a-3111513fd4fc account=MLMADE0000001 mode=test "
          "subject=PYMADE00000001 order=PYMADE00000001 time=2025-11-25T11:59:51.126Z");
    CHECK(square.words_of("refund.updated") ==
          "refund.updated id=bc316346-6691-4243-88ed-6d651a0d0c47 account=MLMADE0000001 mode=test "
          "subject=PYMADE00000001_RFMADE order=PYMADE00000001 time=2025-11-25T11:59:52.126Z");
    Request live = square.sample_request("payment.updated");
    live.headers.set("Square-Environment", "Production");
    CHECK(square.item_of(live).mode == Mode::live);
    CHECK(square.item_of(live).key == "id:6a8f5f28-54a1-4eb0-a98a-3111513fd4fc");
    Request elsewhere = square.sample_request("payment.updated");
    elsewhere.url = "https://pay.example.com/elsewhere?token=t0p";
    // Which one was taken is told, without what may be secret in it.
    CHECK_THAT(square.said_with("{}", elsewhere),
               Catch::EndsWith("fits none of the secrets, signed for https://pay.example.com/elsewhere"));
    CHECK_THAT(square.said_with(R"({"url": "https://me:t0p@pay.example.com/in"})", elsewhere),
               Catch::EndsWith("fits none of the secrets, signed for https://pay.example.com/in"));
    CHECK(square.said_with(R"({"url": "https://pay.example.com/v1/in/acme/source"})", elsewhere) ==
          "verified");
    CHECK(refusal(square.provider, R"({"url": "pay.example.com"})") ==
          "setting \"url\" must be the whole URL as it was told to the provider, with https://");
    CHECK(trust(square.provider, "{}", {})->needs_url());
    CHECK_FALSE(trust(square.provider, R"({"url": "https://a/"})", {})->needs_url());
}

TEST_CASE("paddle: an event has an id") {
    const Signed paddle = of("paddle");
    CHECK(paddle.words_of("transaction.completed") ==
          "transaction.completed id=evt_01jdhmade0000000000000001 account=- mode=unknown "
          "subject=txn_01jdhmade0000000000000001 order=sub_01jdhmade0000000000000001 "
          "time=2025-11-25T11:59:51.126Z");
    CHECK(paddle.words_of("subscription.canceled") ==
          "subscription.canceled id=evt_01jdhmade0000000000000002 account=- mode=unknown "
          "subject=sub_01jdhmade0000000000000001 order=sub_01jdhmade0000000000000001 "
          "time=2025-11-25T11:59:52.126Z");
    // It sends what is ninety days old again, with a fresh time.
    CHECK(paddle.provider.keys_live > std::chrono::days{90});
    CHECK(paddle.why_not(R"({"event_type":"a"})") == "the body's /event_id: it is not there");
    CHECK_THAT(refusal(paddle.provider, "{}", {"pdl_live_apikey_1"}), Contains("is an API key"));
}

TEST_CASE("recurly: an id is an event's only with what happened, and when") {
    const Signed recurly = of("recurly");
    CHECK(recurly.words_of("payment.succeeded") ==
          "payment.succeeded id=rjxwmwmade01 account=qc326l1made1 mode=unknown subject=rjxwmwmade01 "
          "order=ada-1042 time=2025-11-25T11:59:51.000Z");
    CHECK(recurly.item_of(recurly.sample_request("payment.succeeded")).key ==
          id_key({"rjxwmwmade01", "payment", "succeeded", "2025-11-25T11:59:51Z"}));
    CHECK_THAT(recurly.said_with(R"({"account": "x"})", recurly.sample_request("payment.succeeded")),
               Catch::StartsWith("wrong_account: site_id"));
}

TEST_CASE("xendit: the id stands in a header, and older products tell a status alone") {
    const Signed xendit = of("xendit");
    const Request captured =
        xendit.request(sample(xendit.provider, "payment.capture").body, {{"webhook-id", "wh-1"}});
    CHECK(words(xendit.item_of(captured)) ==
          "payment.capture id=wh-1 account=5f21361959ba2b66made0001 mode=unknown subject=py-made-0001 "
          "order=Q-1042 time=2025-11-25T11:59:51.000Z");
    CHECK(xendit.item_of(captured).key == "id:wh-1");
    Request without = xendit.sample_request("PAID");
    without.headers.remove("webhook-id");
    CHECK(xendit.item_of(without).key == body_key("PAID", without.body));
    // A payment into a virtual account, and one from a wallet.
    CHECK(words(xendit.item_of(
              xendit.request(R"({"payment_id":"p-1","callback_virtual_account_id":"va-1","amount":9900})",
                             {{"webhook-id", "wh-2"}}))) ==
          "webhook id=wh-2 account=- mode=unknown subject=p-1 order=p-1 time=-");
    CHECK(xendit.item_of(xendit.request(R"({"payment_status":"SUCCESS"})")).type == "SUCCESS");
    CHECK_THAT(xendit.said_with(R"({"account": "x"})", captured), Catch::StartsWith("wrong_account: "));
    CHECK_THAT(refusal(xendit.provider, "{}", {"xnd_production_1"}), Contains("is an API key"));
}

TEST_CASE("flutterwave: both versions, and the token only where it may") {
    const Signed flutterwave = of("flutterwave");
    CHECK(flutterwave.words_of("charge.completed") ==
          "charge.completed id=wbk_made00000000000001 account=- mode=unknown subject=chg_made0000001 "
          "order=Q-1042 time=2025-11-25T11:59:51.126Z");
    CHECK(flutterwave.words_of("transfer.completed") ==
          "transfer.completed id=- account=- mode=unknown subject=285959876 order=Q-1043 "
          "time=2025-11-25T11:59:46.000Z");
    Request older = flutterwave.sample_request("transfer.completed");
    CHECK(flutterwave.item_of(older).key == body_key("transfer.completed", older.body));
    // A token beside a signature that is wrong does not help.
    older.headers.set("verif-hash", flutterwave.secret.reveal());
    older.body += ' ';
    CHECK_THAT(flutterwave.said_with("{}", older), Catch::StartsWith("proof_wrong: "));
    older.headers.remove("flutterwave-signature");
    CHECK(flutterwave.said_with("{}", older) == "verified");
    CHECK_THAT(flutterwave.said_with(R"({"signature_only": true})", older),
               Catch::StartsWith("proof_missing: "));
}

TEST_CASE("github: the type and the id are headers, and a captured body is known under any id") {
    const Signed github = of("github");
    const std::string_view body = sample(github.provider, "issues.opened").body;
    const auto opened = [&](std::string_view id) {
        return github.item_of(
            github.request(body, {{"X-GitHub-Event", "issues"}, {"X-GitHub-Delivery", id}}));
    };
    CHECK(words(opened("d-1")) ==
          "issues.opened id=d-1 account=acme/boxes mode=unknown subject=1042001 order=acme/boxes "
          "time=2025-11-25T11:59:51.000Z");
    CHECK(opened("d-1").key == "id:d-1");
    CHECK(opened("d-1").second_key == opened("d-2").second_key);
    CHECK(opened("d-1").second_key == body_key("issues.opened", body));
    const auto starred = github.item_of(github.request(
        R"({"action":"created","repository":{"full_name":"a/b"}})", {{"X-GitHub-Event", "star"}}));
    CHECK_FALSE(starred.second_key);
    const Request form =
        github.request("payload=%7B%22zen%22%3A1%7D",
                       {{"X-GitHub-Event", "ping"}, {"Content-Type", "application/x-www-form-urlencoded"}});
    CHECK(github.item_of(form).type == "ping");
    CHECK_THAT(github.said_with(R"({"account": "a/c"})", github.sample_request("ping")),
               Catch::StartsWith("wrong_account: repository.full_name"));
    Request legacy = github.sample_request("ping");
    legacy.headers.remove("X-Hub-Signature-256");
    legacy.headers.set("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000");
    CHECK_THAT(github.said_with("{}", legacy), Catch::StartsWith("proof_missing: "));
    CHECK_THAT(github.said_with(R"({"accept_legacy": true})", legacy), Catch::StartsWith("proof_wrong: "));
}

TEST_CASE("slack: a question of a new URL is answered once its signature is good") {
    const Signed slack = of("slack");
    Request question = slack.request(R"({"token":"t","challenge":"3eZbrw1a","type":"url_verification"})");
    const auto good = trust(slack.provider, "{}", {slack.secret.reveal()});
    const Verdict verdict = verify(slack.provider, *good, question);
    REQUIRE(std::holds_alternative<Answer>(verdict));
    CHECK(std::get<Answer>(verdict).response.status == 200);
    CHECK(std::get<Answer>(verdict).response.body == "3eZbrw1a");
    question.headers.set("X-Slack-Signature", "v0=" + std::string(64, '0'));
    CHECK_THAT(slack.said_with("{}", question), Catch::StartsWith("proof_wrong: "));
}

TEST_CASE("slack: events, interactions and commands are identified") {
    const Signed slack = of("slack");
    CHECK(slack.words_of("app_mention") ==
          "app_mention id=Ev0MADE0001 account=T0MADE0001 mode=unknown subject=C0MADE0001 order=C0MADE0001 "
          "time=2025-11-25T11:59:51.000Z");
    const Item command = slack.item_of(slack.request("team_id=T1&channel_id=C1&command=%2Fpaid"));
    CHECK(words(command) == "command id=- account=T1 mode=unknown subject=C1 order=C1 time=-");
    const Item pressed = slack.item_of(slack.request(
        "payload=%7B%22type%22%3A%22block_actions%22%2C%22team%22%3A%7B%22id%22%3A%22T1%22%7D%7D"));
    CHECK(words(pressed) == "block_actions id=- account=T1 mode=unknown subject=- order=- time=-");
    // What Slack tells of the app itself is of a team too, but it stands elsewhere.
    const Request limited = slack.request(
        R"({"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1764071940,"api_app_id":"A1"})");
    CHECK(words(slack.item_of(limited)) ==
          "app_rate_limited id=- account=T1 mode=unknown subject=A1 order=A1 time=2025-11-25T11:59:00.000Z");
    CHECK(slack.said_with(R"({"account": "T1"})", limited) == "verified");
    CHECK_THAT(slack.said_with(R"({"account": "T2"})", slack.sample_request("app_mention")),
               Catch::StartsWith("wrong_account: team_id"));
    CHECK_FALSE(slack.why_not("a=b").empty());
}

TEST_CASE("gocardless: each event of a request is one by itself") {
    const Signed gocardless = of("gocardless");
    CHECK(gocardless.words_of("payments.confirmed") ==
          "payments.confirmed id=EV00MADE0000001 account=OR00MADE0000001 mode=unknown "
          "subject=PM00MADE0000001 order=PM00MADE0000001 time=2025-11-25T11:59:51.404Z");
    const std::string_view first = R"({"id":"EV1","resource_type":"payments","action":"paid_out",)"
                                   R"("links":{"payment":"PM1"}})";
    const std::string_view second = R"({ "id":"EV2","resource_type":"mandates","action":"created"})";
    const Request both = gocardless.request(fmt::format(" {{\"events\" : [{} ,{}]}}", first, second));
    const auto items = gocardless.provider.identify(
        *trust(gocardless.provider, "{}", {gocardless.secret.reveal()}), both.received(), {});
    REQUIRE(items);
    REQUIRE(items->size() == 2);
    CHECK(both.body.substr(items->at(0).offset, items->at(0).length) == first);
    CHECK(both.body.substr(items->at(1).offset, items->at(1).length) == second);
    CHECK(items->at(0).key == "id:EV1");
    CHECK(items->at(0).subject == "PM1");
    CHECK(items->at(1).type == "mandates.created");
    CHECK(gocardless.why_not(R"({"events":[]})") == "the request has no events in it");
    CHECK(gocardless.why_not("{}") == "the body's /events: it is not there");
    CHECK(gocardless.why_not(R"({"events":{}})") == "the events are no list");
    CHECK_THAT(gocardless.why_not(R"({"events":[{"id":"EV1","resource_type":"a","action":"b"},7]})"),
               Contains("event 1: it is no object"));
    // One event of another organisation among ours is one too many.
    const Request mixed = gocardless.request(
        R"({"events":[{"id":"1","resource_type":"a","action":"b","links":{"organisation":"OR1"}},)"
        R"({"id":"2","resource_type":"a","action":"b","links":{"organisation":"OR2"}}]})");
    CHECK_THAT(gocardless.said_with(R"({"account": "OR1"})", mixed), Catch::StartsWith("wrong_account: "));
}
