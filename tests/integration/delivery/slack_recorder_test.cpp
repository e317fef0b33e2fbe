// That the recorder is as strict as it says: what passes it would pass Slack.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "calling.hpp"

using namespace tollgate;
namespace json = boost::json;
using test::SlackRecorder;

namespace {

http::ClientResponse sent(const std::string& url, const std::string& body,
                          const std::string& type = "application/json",
                          const std::string& token = "xoxb-1-recorder") {
    const auto client = http::Client::make({.internal_host = [](std::string_view) { return true; }});
    REQUIRE(client.has_value());
    http::ClientRequest request{
        .method = http::Method::post, .url = url, .headers = {{"Content-Type", type}}, .body = body};
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    const http::IoThreads threads{1};
    const auto answer = http::await_from_here(threads.executor(0), client->fetch(std::move(request)));
    REQUIRE(answer.has_value());
    return *answer;
}

std::string word(const http::ClientResponse& answer) {
    return std::string{json::parse(answer.body).at("error").as_string()};
}

std::string with_header(std::size_t units) {
    return json::serialize(json::object{
        {"text", "x"},
        {"unfurl_links", false},
        {"unfurl_media", false},
        {"blocks", json::array{json::object{
                       {"type", "header"},
                       {"text", json::object{{"type", "plain_text"}, {"text", std::string(units, 'x')}}}}}}});
}

}  // namespace

TEST_CASE("the recorder refuses a webhook's message that breaks a rule, in Slack's words") {
    SlackRecorder slack{{.burst = 100}};
    struct Example {
        std::string body;
        int status;
        std::string word;
    };
    for (const auto& [body, status, told] :
         std::vector<Example>{{"{", 400, "invalid_payload"},
                              {"[]", 400, "invalid_payload"},
                              {R"({"text": "x", "colour": "red"})", 400, "invalid_payload"},
                              {R"({"text": "x", "channel": "C1"})", 404, ""},
                              {R"({"text": ""})", 400, "no_text"},
                              {R"({"blocks": []})", 400, "no_text"},
                              {with_header(151), 400, "invalid_blocks"},
                              {with_header(150), 200, "ok"}}) {
        CAPTURE(body);
        const auto answer = sent(slack.webhook("billing"), body);
        CHECK(answer.status == status);
        CHECK(answer.body == told);
    }
    CHECK(sent(slack.webhook("billing"), R"({"text": "x"})", "text/plain").body == "invalid_payload");
    CHECK(slack.posted("billing").size() == 1);
}

TEST_CASE("the recorder refuses what a bot may not do, in Slack's words") {
    SlackRecorder slack{{.burst = 100}};
    const std::string post = slack.api_url() + "/chat.postMessage";
    const std::string update = slack.api_url() + "/chat.update";
    const std::string plain = R"({"channel": "C1", "text": "x"})";
    CHECK(word(sent(post, plain, "application/json", "")) == "not_authed");
    CHECK(word(sent(post, plain, "application/json", "xoxb-2")) == "invalid_auth");
    CHECK(word(sent(post, "{")) == "invalid_json");
    CHECK(word(sent(post, R"({"channel": "#billing", "text": "x"})")) == "channel_not_found");
    CHECK(word(sent(post, R"({"channel": "C1", "text": "x", "as_user": true})")) == "invalid_arguments");
    CHECK(word(sent(post, R"({"channel": "C1", "text": "x", "metadata": {"event_type": "x"}})")) ==
          "invalid_metadata_format");
    CHECK(word(sent(post, R"({"channel": "C1", "text": "x", "thread_ts": "1.2"})")) ==
          "cannot_reply_to_message");
    CHECK(word(sent(update, R"({"channel": "C1", "text": "x", "ts": "1.2"})")) == "message_not_found");
    CHECK(word(sent(slack.api_url() + "/chat.delete", plain)) == "unknown_method");
    CHECK(slack.posted("C1").empty());
    const auto form =
        sent(post, "channel=C1&text=a+b&unfurl_links=false", "application/x-www-form-urlencoded");
    CHECK(json::parse(form.body).at("ok") == true);
    const auto posted = slack.posted("C1");
    REQUIRE(posted.size() == 1);
    CHECK(posted[0].message.at("text") == "a b");
    const std::string moved =
        fmt::format(R"({{"channel": "C1", "text": "x", "ts": "{0}", "thread_ts": "{0}"}})", posted[0].ts);
    CHECK(word(sent(update, moved)) == "invalid_arguments");
}

TEST_CASE("the recorder takes a message a second for each channel, and tells what should never be sent") {
    SlackRecorder slack;
    const std::string loud = R"({"text": "<!channel> look"})";
    CHECK(sent(slack.webhook("a"), loud).body == "ok");
    const auto limited = sent(slack.webhook("a"), loud);
    CHECK(limited.status == 429);
    CHECK(limited.headers.get("Retry-After") == "1");
    CHECK(sent(slack.webhook("b"), R"({"text": "x", "unfurl_links": false, "unfurl_media": false})").status ==
          200);
    const auto complaints = slack.complaints();
    REQUIRE(complaints.size() == 3);
    CHECK_THAT(complaints[0], Catch::StartsWith("<!channel> in"));
    CHECK_THAT(complaints[1], Catch::StartsWith("unfurl_links is not false"));

    test::SlackRate rate{10, 2};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(rate.take(begin).count() == 0);
    CHECK(rate.take(begin).count() == 0);
    CHECK(rate.take(begin).count() == 1);
    CHECK(rate.take(begin + std::chrono::milliseconds{100}).count() == 0);
    CHECK(rate.take(begin + std::chrono::milliseconds{150}).count() == 1);
    CHECK(rate.take(begin + std::chrono::hours{1}).count() == 0);
    CHECK(rate.take(begin + std::chrono::hours{1}).count() == 0);
    CHECK(rate.take(begin + std::chrono::hours{1}).count() == 1);
}
