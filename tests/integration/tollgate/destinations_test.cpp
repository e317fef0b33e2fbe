#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "shell.hpp"
#include "support/ports.hpp"
#include "support/slack_recorder/slack_recorder.hpp"

using namespace tollgate;
using test::json_text;
using test::Ran;

namespace {

// One line on stderr, nothing on stdout, and no secret in it.
void check_refused(const Ran& ran, int code, const std::string& told) {
    CHECK(ran.code == code);
    CHECK_THAT(ran.err, Catch::Contains(told) && !Catch::Contains("s3cr3t"));
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
    CHECK(ran.out.empty());
}

// A shell whose Slack is the recorder.
struct World : test::Shell {
    World() { REQUIRE((*this)("tenant create acme").code == 0); }

    test::ChildProcess::Environment with_slack() const {
        return {{"TOLLGATE_SLACK_API_URL", slack.api_url()}, {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"}};
    }
    // With `secret` in the file that --secret-file names.
    Ran with_secret(const std::string& command, const std::string& secret) const {
        return (*this)(command + " --tenant acme --secret-file " + file("secret", secret + "\n"),
                       with_slack());
    }
    Ran create_webhook(const std::string& slug) const {
        return with_secret("destination create " + slug + " --kind slack-webhook",
                           slack.webhook("s3cr3t-" + slug));
    }

    test::SlackRecorder slack{{.token = "xoxb-1-s3cr3t", .burst = 100}};
};

}  // namespace

TEST_CASE("destinations are made, listed, changed and disabled by command, and never show their secret") {
    const World shell;
    check_refused(shell("destination list --tenant acme"), 3, "there is no destination");
    const Ran made = shell.create_webhook("billing");
    CHECK(made.code == 0);
    CHECK_THAT(made.out, Catch::Contains("127.0.0.1:") && !Catch::Contains("s3cr3t") &&
                             Catch::Contains("tollgate destination test billing --tenant acme"));
    const Ran bot = shell.with_secret(
        "destination create ops --kind slack-bot --channel C1 --user-group S1 "
        "--messages-per-second 0.5 --burst 9 --digest-hour 7 --json --reason new",
        "xoxb-1-s3cr3t");
    CHECK(bot.code == 0);
    CHECK_THAT(bot.out, !Catch::Contains("s3cr3t"));
    const auto settings = boost::json::parse(bot.out).at("settings").as_object();
    CHECK(settings.at("channel") == "C1");
    CHECK(settings.at("messages_per_second") == 0.5);
    CHECK(settings.at("burst") == 9);
    CHECK(boost::json::parse(bot.out).at("host").is_null());

    const Ran listed = shell("destination list --all-tenants");
    CHECK_THAT(listed.out, Catch::StartsWith("TENANT") && Catch::Contains("slack-bot      C1") &&
                               !Catch::Contains("s3cr3t"));
    CHECK(shell("destination show ops --tenant acme --json").out == bot.out);
    const Ran quiet = shell.run({"destination", "set", "ops", "--tenant", "acme", "--quiet-hours",
                                 "22:00-07:00 mon,fri", "--burst", "default", "--json"});
    const auto set = boost::json::parse(quiet.out).at("settings").as_object();
    CHECK(set.at("quiet_hours") ==
          boost::json::parse(R"({"from": "22:00", "until": "07:00", "weekdays": ["mon", "fri"]})"));
    CHECK(set.at("burst") == 3);
    const Ran back = shell.run({"destination", "set", "ops", "--tenant", "acme", "--settings",
                                R"({"quiet_hours": null, "tone": "playful"})", "--json"});
    CHECK_THAT(back.out, Catch::Contains(R"("quiet_hours":null)") && Catch::Contains(R"("tone":"playful")"));
    CHECK_FALSE(boost::json::parse(shell("destination disable ops --tenant acme --json").out)
                    .at("disabled_at")
                    .is_null());
    CHECK(boost::json::parse(shell("destination enable ops --tenant acme --json").out)
              .at("disabled_at")
              .is_null());
    const Ran log = shell("audit log --tenant acme --verb destination --json");
    CHECK_THAT(log.out, Catch::Contains("destination create") && Catch::Contains(R"("reason":"new")") &&
                            Catch::Contains("127.0.0.1:") && !Catch::Contains("s3cr3t"));
}

TEST_CASE("a bot that is broken goes again when it has another channel, and for no other change") {
    const World shell;
    REQUIRE(shell.with_secret("destination create ops --kind slack-bot --channel C1", "xoxb-1-s3cr3t").code ==
            0);
    postgres::Connection owner = test::open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    owner.execute(
        "insert into delivery.lane (tenant, destination, broken_at, broken_reason) select tenant, "
        "destination, "
        "now() + interval '1 s', 'The channel is gone' from tenants.destination");
    const auto state_after = [&](const std::string& change) {
        return json_text(shell("destination set ops --tenant acme --json " + change).out, "state");
    };
    CHECK(state_after("--tone playful") == "broken");
    CHECK(state_after("--channel C1") == "broken");
    CHECK(state_after("--channel C2") == "well");
    CHECK_THAT(shell("audit log --tenant acme --verb delivery --json").out,
               Catch::Contains("delivery resume"));
}

TEST_CASE("whether messages to a destination go is told with it, and that a later one has no rules") {
    const World shell;
    const Ran first = shell.create_webhook("billing");
    CHECK_THAT(first.out,
               Catch::Contains("state         well") && Catch::Contains("It begins with 11 rules"));
    CHECK_THAT(first.out, Catch::Contains(R"("messages_per_second":1,)"));
    const Ran second = shell.create_webhook("second");
    CHECK_THAT(second.out, Catch::Contains("It is told of nothing yet") &&
                               Catch::Contains("tollgate rule add") &&
                               Catch::Contains("--tenant acme --destination second --category"));
    postgres::Connection owner = test::open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    owner.execute(
        "insert into delivery.lane (tenant, destination) select tenant, destination from "
        "tenants.destination where slug = 'billing'");
    const auto told = [&](const std::string& change) {
        owner.execute("update delivery.lane set " + change);
        const Ran listed = shell("destination list --tenant acme --json");
        return json_text(shell("destination show billing --tenant acme --json").out, "state") + ": " +
               json_text(listed.out.substr(0, listed.out.find('\n')), "state_told");
    };
    CHECK_THAT(told("paused_until = now() + interval '1 hour', pause_reason = 'too fast'"),
               Catch::StartsWith("paused: paused until 20") && Catch::EndsWith(": too fast"));
    CHECK_THAT(told("paused_until = null, pause_reason = null, open_until = now() + interval '1 minute'"),
               Catch::StartsWith("left_alone: left alone until 20"));
    CHECK_THAT(
        told("broken_at = now(), broken_reason = 'The webhook was removed in Slack: reconnect Slack.'"),
        Catch::StartsWith("broken: broken since 20") && Catch::EndsWith("reconnect Slack."));
    CHECK_THAT(shell("destination list --tenant acme").out, Catch::Contains("broken since"));
    // It is mended by another secret.
    CHECK(told("open_until = null, broken_at = now() - interval '1 day'") == "well: well");
    CHECK(shell("destination disable billing --tenant acme").code == 0);
    CHECK_THAT(told("broken_at = now()"), Catch::StartsWith("disabled: "));
}

TEST_CASE("what is given for a destination by mistake is told in words, and nothing is made") {
    const World shell;
    const std::string webhook = "https://hooks.slack.com/services/T1/B1/s3cr3t";
    const std::string create = "destination create a --kind ";
    check_refused(shell.with_secret(create + "slack-webhook", "xoxb-1-s3cr3t"), 2,
                  "this is a token, and a webhook's URL is wanted");
    check_refused(shell.with_secret(create + "slack-bot --channel C1", webhook), 2,
                  "this is a URL, and a bot's token is wanted");
    check_refused(shell.with_secret(create + "slack-bot", "xoxb-1-s3cr3t"), 2,
                  "a bot has to be told its channel");
    check_refused(shell.with_secret(create + "slack", webhook), 2, "is none of slack-webhook, slack-bot");
    check_refused(shell.with_secret(create + "slack-webhook", "https://10.0.0.1/s3cr3t"), 2,
                  "10.0.0.1 may not be called: the address 10.0.0.1 is not public (private)");
    check_refused(shell.with_secret(create + "slack-webhook", "http://example.com/s3cr3t"), 2,
                  "may only be called over https");
    check_refused(shell.with_secret(create + "slack-webhook", "https://me:s3cr3t@example.com/x"), 2,
                  "credentials in it");
    check_refused(shell.with_secret(create + "slack-webhook", "https://nowhere.invalid/s3cr3t"), 5,
                  "nowhere.invalid");
    check_refused(shell.with_secret(create + "slack-webhook", ""), 2, "is empty");
    // What the operator's shell lacks is not the URL's fault.
    check_refused(shell(create + "slack-webhook --tenant acme --secret-file " + shell.file("secret", webhook),
                        {{"TOLLGATE_SLACK_API_URL", shell.slack.api_url()}}),
                  2, "(no destination's address)");
    check_refused(shell(create + "slack-webhook --tenant acme"), 2, "--secret-file");
    check_refused(shell("destination set a --tenant acme --burst 2"), 3, "has no destination \"a\"");
    CHECK(shell("destination list --tenant acme").code == 3);
    CHECK(shell.create_webhook("billing").code == 0);
    check_refused(shell.create_webhook("billing"), 1, "never used again");
    check_refused(shell("destination set billing --tenant acme"), 2, "nothing to set");
    check_refused(shell("destination set billing --tenant acme --burst many"), 2,
                  "burst cannot be \"many\": it is a whole number");
    check_refused(shell("destination set billing --tenant acme --quiet-hours nights"), 2,
                  "quiet_hours cannot be \"nights\"");
    check_refused(shell("destination set billing --tenant acme --channel C1"), 2,
                  "a webhook knows its channel");
}

TEST_CASE("a destination is tested with one message, and what came back is told with what to do") {
    World shell;
    CHECK(shell.create_webhook("billing").code == 0);
    CHECK(shell.with_secret("destination create ops --kind slack-bot --channel C1", "xoxb-1-s3cr3t").code ==
          0);
    const auto test = [&](const std::string& slug, const std::string& more = "") {
        return shell("destination test " + slug + " --tenant acme" + more, shell.with_slack());
    };
    const Ran works = test("billing");
    CHECK(works.code == 0);
    CHECK(works.out == "Slack took the message: look for it in the webhook's channel.\n");
    CHECK(works.err.empty());
    CHECK_THAT(test("ops").out, Catch::Contains("look for it in channel C1"));
    const auto told = boost::json::parse(test("ops", " --json").out).as_object();
    CHECK(told.at("verdict") == "works");
    CHECK(told.at("channel") == "C1");
    CHECK(shell.slack.calls().size() == 3);
    CHECK(shell.slack.complaints().empty());

    shell.slack.refuse("s3cr3t-billing", "no_service", 2);
    check_refused(test("billing"), 1, "The webhook was removed in Slack");
    const Ran broken = test("billing", " --json");
    CHECK(broken.code == 1);
    CHECK(json_text(broken.out, "slack_word") == "no_service");
    CHECK_THAT(broken.out, Catch::Contains(R"("verdict":"broken")") && !Catch::Contains("s3cr3t"));
    CHECK(broken.err.empty());
    shell.slack.refuse("C1", "missing_scope");
    check_refused(test("ops"), 1, "Missing: chat:write.");
    shell.slack.refuse("C1", "ratelimited");
    check_refused(test("ops"), 5, "Try again in 7 s.");
    shell.slack.refuse("C1", "internal_error");
    check_refused(test("ops"), 5, "look in the channel");
    // One file serves all programs: the sender's own settings are none of this command's.
    auto by_file = shell.with_slack();
    by_file["TOLLGATE_CONFIG"] =
        shell.file("tollgate.toml", "[delivery]\nthreads = 2\n[slack]\ncall_timeout = \"5s\"\n");
    CHECK(shell("destination test ops --tenant acme", by_file).code == 0);
    // Without the operator's leave nothing inside is called, whatever was entered before.
    const auto calls = shell.slack.calls().size();
    check_refused(shell("destination test billing --tenant acme"), 1, "a network that is not called");
    CHECK(shell.slack.calls().size() == calls);

    const auto of_viewer = shell.as("vera", "--role viewer --tenant acme");
    check_refused(shell("destination test billing --tenant acme", of_viewer), 4, "operator");
    const Ran log = shell("audit log --tenant acme --verb destination --json");
    CHECK_THAT(log.out, Catch::Contains("destination test") && !Catch::Contains("s3cr3t"));
}

TEST_CASE("a destination is reconnected with a secret that Slack takes") {
    World shell;
    CHECK(shell.create_webhook("billing").code == 0);
    const auto fingerprint = [&] {
        return json_text(shell("destination show billing --tenant acme --json").out, "fingerprint");
    };
    const auto reconnect = [&](const std::string& secret) {
        return shell.with_secret("destination reconnect billing", secret);
    };
    const std::string first = fingerprint();
    shell.slack.refuse("s3cr3t-gone", "no_service");
    check_refused(reconnect(shell.slack.webhook("s3cr3t-gone")), 1, "nothing was changed");
    check_refused(reconnect("xoxb-1-s3cr3t"), 2, "this is a token");
    CHECK(fingerprint() == first);

    const Ran done = reconnect(shell.slack.webhook("s3cr3t-new"));
    CHECK(done.code == 0);
    CHECK_THAT(done.out, Catch::Contains("Slack took the message") && !Catch::Contains("s3cr3t"));
    const std::string second = fingerprint();
    CHECK(second != first);
    CHECK(shell("destination test billing --tenant acme", shell.with_slack()).code == 0);
    CHECK(shell.slack.calls("s3cr3t-new").size() == 2);
    CHECK(shell.slack.calls("s3cr3t-billing").empty());

    // Slack's trouble says nothing about the secret.
    const Ran unsure = reconnect(fmt::format("http://127.0.0.1:{}/services/T0/B0/s3cr3t", test::free_port()));
    CHECK(unsure.code == 5);
    CHECK_THAT(unsure.err, Catch::Contains("could not be reached") && !Catch::Contains("s3cr3t"));
    CHECK(fingerprint() != second);
    const Ran log = shell("audit log --tenant acme --verb destination --json");
    CHECK_THAT(log.out, Catch::Contains("destination reconnect") &&
                            Catch::Contains(R"("fingerprint_before":")" + first) &&
                            !Catch::Contains("s3cr3t"));
    check_refused(shell.with_secret("destination reconnect biling", "x"), 3, "did you mean billing?");
}
