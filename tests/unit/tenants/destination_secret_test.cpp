#include "tenants/destination_secret.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::tenants;

namespace {

const std::string webhook = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/s3cr3tpartoftheurl";

// Takes the part before the path for the host, and refuses one that is called "inside".
Result<std::string> outside_only(const std::string& url) {
    const std::size_t begin = url.find("://") + 3;
    const std::string host = url.substr(begin, url.find('/', begin) - begin);
    if (host == "inside") return fail(ErrorCode::forbidden, "inside may not be called: it is private");
    return host;
}

Result<CheckedSecret> check(DestinationKind kind, const std::string& value) {
    return check_secret(kind, Secret{value}, outside_only);
}

}  // namespace

TEST_CASE("a webhook's URL and a bot's token are taken, and known by host and fingerprint") {
    const auto url = check(DestinationKind::slack_webhook, webhook);
    REQUIRE(url);
    CHECK(url->host() == "hooks.slack.com");
    CHECK(url->value().reveal() == webhook);
    CHECK(url->fingerprint().size() == 8);
    const auto other = check(DestinationKind::slack_webhook, webhook + "2");
    REQUIRE(other);
    CHECK(other->fingerprint() != url->fingerprint());
    const auto bot = check(DestinationKind::slack_bot, "xoxb-1234567890-abcDEF");
    REQUIRE(bot);
    CHECK(bot->host().empty());
    CHECK(bot->kind() == DestinationKind::slack_bot);
    // Who stands between us and Slack, or is like Slack, has paths of its own.
    CHECK(check(DestinationKind::slack_webhook, "https://chat.example.com/hooks/abc").has_value());
    CHECK(check(DestinationKind::slack_webhook, "https://hooks.slack-gov.com/services/T1/B1/x").has_value());
}

TEST_CASE("what is given for a webhook's URL or a bot's token by mistake is named, and not repeated") {
    struct Example {
        DestinationKind kind;
        std::string value;
        std::string told;
    };
    using enum DestinationKind;
    for (const auto& [kind, value, told] : std::vector<Example>{
             {slack_webhook, "xoxb-1-s3cr3t", "this is a token, and a webhook's URL is wanted"},
             {slack_webhook, "xoxb-1-s3cr3t", "the kind is slack-bot"},
             {slack_webhook, "xapp-1-s3cr3t", "this is a token"},
             {slack_webhook, "s3cr3t", "this is no URL"},
             {slack_webhook, "", "the secret is empty"},
             {slack_webhook, webhook + "\n" + webhook, "on one line"},
             {slack_webhook, " " + webhook, "on one line"},
             {slack_webhook, "https://hooks.slack.com/" + std::string(2'000, 'x'), "at most 2000"},
             {slack_webhook, "https://hooks.slack.com/services/T1/B1", "or not all of it"},
             {slack_webhook, "https://hooks.slack.com/services/T1/B1/", "or not all of it"},
             {slack_webhook, "https://hooks.slack.com/services//B1/s3cr3t", "or not all of it"},
             {slack_webhook, "https://hooks.slack.com", "or not all of it"},
             {slack_webhook, "https://hooks.slack.com/triggers/T1/1/s3cr3t", "starts a workflow"},
             {slack_webhook, "https://hooks.slack.com/workflows/T1/A1/1/s3cr3t", "starts a workflow"},
             {slack_webhook, "https://slack.com/services/T1/B1/s3cr3t", "no webhook's"},
             {slack_webhook, "https://api.slack.com/apps/A1", "no webhook's"},
             {slack_webhook, "https://acme.slack.com/archives/C1", "no webhook's"},
             {slack_webhook, "https://inside/s3cr3t", "may not be called: it is private"},
             {slack_bot, webhook, "this is a URL, and a bot's token is wanted"},
             {slack_bot, webhook, "the kind is slack-webhook"},
             {slack_bot, "xoxp-s3cr3t", "a person's token"},
             {slack_bot, "xapp-s3cr3t", "an app's own token"},
             {slack_bot, "xoxe.xoxb-s3cr3t", "ends after 12 hours"},
             {slack_bot, "xoxe-s3cr3t", "a refresh token"},
             {slack_bot, "xoxb-", "this is no bot's token"},
             {slack_bot, "xoxb-s3cr3t_", "this is no bot's token"},
             {slack_bot, "s3cr3t", "this is no bot's token"},
             {slack_bot, "xoxb-1 s3cr3t", "on one line"},
         }) {
        CAPTURE(value);
        const auto refused = check(kind, value);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().detail, Catch::Contains(told) && !Catch::Contains("s3cr3t"));
    }
    CHECK(check(slack_webhook, "https://inside/x").error().code == ErrorCode::forbidden);
    CHECK(check(slack_bot, "xoxp-1").error().code == ErrorCode::invalid);
}
