#include "delivery/slack.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "delivery/compose.hpp"
#include "delivery/preview.hpp"
#include "delivery/slack_limits.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate::delivery;
using tollgate::test::circumstances;
using tollgate::test::example;
namespace json = boost::json;

namespace {

Message message_of(std::string_view name) {
    return compose(example(name), circumstances(Tone::neutral));
}

json::object body_of(std::string_view name, const SlackPlace& place = {},
                     SlackForm form = SlackForm::blocks) {
    return json::parse(slack_json(message_of(name), place, form)).as_object();
}

}  // namespace

TEST_CASE("a webhook is told no channel, thread or metadata, for it refuses them") {
    const auto body = body_of("payment", {.thread_ts = "1.2", .update_ts = "1.2", .delivery_id = "d"});
    for (const std::string_view member : {"channel", "thread_ts", "ts", "metadata", "reply_broadcast"}) {
        CHECK_FALSE(body.contains(member));
    }
    CHECK(body.at("unfurl_links") == false);
    CHECK(body.at("unfurl_media") == false);
}

TEST_CASE("a message of the Web API is told where it goes, and carries our id alone") {
    const auto body = body_of(
        "payment", {.channel = "C1", .thread_ts = "1.2", .also_in_channel = true, .delivery_id = "d"});
    CHECK(body.at("channel") == "C1");
    CHECK(body.at("thread_ts") == "1.2");
    CHECK(body.at("reply_broadcast") == true);
    CHECK(body.at("metadata") ==
          json::parse(R"({"event_type":"tollgate_delivery","event_payload":{"delivery_id":"d"}})"));
    CHECK(body_of("payment", {.channel = "C1", .update_ts = "1.2"}).at("ts") == "1.2");
    CHECK_FALSE(body_of("payment", {.channel = "C1", .also_in_channel = true}).contains("reply_broadcast"));
}

TEST_CASE("a group is mentioned when somebody must act now, and only a group") {
    const auto mentions = [](std::string_view name, std::string group) {
        const auto body = slack_json(message_of(name), {.user_group = std::move(group)});
        return body.find("<!subteam^") != std::string::npos;
    };
    CHECK(mentions("dispute_opened", "S0123"));
    CHECK_FALSE(mentions("payment_failed", "S0123"));
    for (const std::string group : {"", "U123", "S1>", "S1|x", "S1 ", "!channel"}) {
        CHECK_FALSE(mentions("dispute_opened", group));
    }
}

TEST_CASE("colour is for what wants somebody to act") {
    CHECK(body_of("dispute_opened").contains("attachments"));
    CHECK(body_of("payment_failed").contains("attachments"));
    CHECK_FALSE(body_of("payment_first").contains("attachments"));
    CHECK_FALSE(body_of("payout").contains("attachments"));
}

TEST_CASE("the text alone is a good notification") {
    CHECK(
        body_of("payment_failed").at("text") ==
        "Payment failed: Acme Corp, $1,188.00. It was declined: insufficient funds. Stripe tries again "
        "Thu 26 Nov, 09:00 UTC+1. Wait for the attempt of Thu 26 Nov. If it fails too, ask the customer for "
        "another card.");
    CHECK(body_of("payout").at("text") == "Payout sent to the bank: $12,345.67");
}

TEST_CASE("without blocks everything is still told") {
    const auto body = body_of("payment_failed", {}, SlackForm::text_only);
    CHECK_FALSE(body.contains("blocks"));
    CHECK_FALSE(body.contains("attachments"));
    const std::string text{body.at("text").as_string()};
    for (const std::string_view part :
         {"Payment failed: Acme Corp", "Attempt: 2 of 4", "Visa ••••4242", "Lifetime value $8,310",
          "<https://invoice.stripe.com/i/1|Open invoice>", "rule: all payments"}) {
        CHECK_THAT(text, Catch::Contains(std::string{part}));
    }
}

TEST_CASE("the longest texts in every place together are within the limits") {
    const std::string most(10'000, '&');
    Message message{.emoji = "🚨", .test = true, .headline = most, .meaning = Text{most}, .advice = most};
    message.priority = tollgate::v1::PRIORITY_ACT_NOW;
    message.colour = Colour::red;
    message.footer = Text{most};
    message.logo = Logo{.url = "https://acme.example/" + std::string(970, 'x'), .company = most};
    for (int i = 0; i < 60; ++i) {
        message.facts.push_back({.label = most, .value = Text{most}});
        message.sections.push_back({.title = most, .lines = std::vector<std::string>(60, most)});
        message.history.push_back(most);
        message.marks.push_back(most);
        message.buttons.push_back({.id = "b" + std::to_string(i), .label = most, .url = message.logo->url});
    }
    for (const SlackForm form : {SlackForm::blocks, SlackForm::text_only}) {
        CHECK(slack_violations(slack_json(message, {.user_group = "S0123"}, form)).empty());
    }
}

TEST_CASE("a logo stands beside the words with the company's name for those who do not see it") {
    auto event = example("subscription_created");
    event.mutable_company()->set_logo_url("https://assets.example/acme.png");
    const auto body = json::parse(slack_json(compose(event, circumstances(Tone::neutral)))).as_object();
    CHECK(body.at("blocks").at(1).at("accessory") ==
          json::parse(
              R"({"type":"image","image_url":"https://assets.example/acme.png","alt_text":"Acme Corp"})"));
    event.mutable_company()->set_logo_url("http://assets.example/acme.png");
    CHECK_FALSE(compose(event, circumstances(Tone::neutral)).logo);
}

TEST_CASE("a preview is coloured if asked, and has the same words then") {
    const Message message = message_of("dispute_opened");
    const std::string coloured = preview(message, {.columns = 60, .colours = true});
    CHECK_THAT(coloured, Catch::StartsWith("\x1b[31m▌\x1b[0m \x1b[1mDispute: Acme Corp"));
    std::string stripped;
    for (std::size_t at = 0; at < coloured.size(); ++at) {
        if (coloured[at] == '\x1b') {
            at = coloured.find('m', at);
        } else {
            stripped += coloured[at];
        }
    }
    CHECK(stripped == preview(message, {.columns = 60}));
}

TEST_CASE("a preview breaks lines at words, and words only if it must") {
    Message message;
    message.headline =
        "A headline of several words, one of which is Donaudampfschifffahrtsgesellschaftskapitän";
    message.facts.push_back({.label = "Label", .value = Text{"漢字漢字漢字漢字漢字漢字"}});
    CHECK(preview(message, {.columns = 1}) ==
          "A headline of several\n"
          "words, one of which is\n"
          "Donaudampfschifffahrtsge\n"
          "sellschaftskapitän\n"
          "\n"
          "  Label  漢字漢字漢字漢\n"
          "         字漢字漢字\n");
}
