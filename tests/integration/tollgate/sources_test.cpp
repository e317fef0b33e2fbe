#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "shell.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::json_text;
using test::Ran;

namespace {

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// What it says is one line on stderr, and nothing on stdout.
void check_refused(const Ran& ran, int code, const std::string& told) {
    CHECK(ran.code == code);
    CHECK_THAT(ran.err, Catch::Contains(told));
    CHECK(lines_of(ran.err) == 1);
    CHECK(ran.out.empty());
}

}  // namespace

TEST_CASE("tenants are made, listed, changed and disabled by command") {
    const test::Shell shell;
    check_refused(shell("tenant list"), 3, "there is no tenant");
    const Ran made = shell.run(
        {"tenant", "create", "acme", "--name", "Acme, Inc.", "--time-zone", "Europe/Berlin", "--json"});
    CHECK(made.code == 0);
    CHECK(made.err.empty());
    CHECK(json_text(made.out, "name") == "Acme, Inc.");
    CHECK(shell("tenant show " + json_text(made.out, "tenant")).out == shell("tenant show acme").out);
    CHECK(shell("tenant create beta").code == 0);
    CHECK(lines_of(shell("tenant list --json").out) == 2);
    CHECK_THAT(shell("tenant list").out, Catch::StartsWith("TENANT") && Catch::Contains("Europe/Berlin"));
    CHECK_THAT(shell("tenant set acme --plan pro").out, Catch::Contains("pro"));
    CHECK(boost::json::parse(shell("tenant disable acme --json --reason gone").out)
              .at("disabled_at")
              .is_string());
    CHECK(boost::json::parse(shell("tenant enable acme --json").out).at("disabled_at").is_null());

    check_refused(shell("tenant create acme"), 1, "never used again");
    check_refused(shell("tenant create Acme"), 2, "is no slug");
    check_refused(shell("tenant show acne"), 3, "did you mean acme?");
    check_refused(shell("tenant set acme"), 2, "nothing to set");
    check_refused(shell("tenant set acme --time-zone Europe/Berln"), 2, "did you mean Europe/Berlin?");
    check_refused(shell("tenant sow acme"), 2, "did you mean show?");
    CHECK_THAT(
        shell("audit log --tenant acme --verb tenant --json").out,
        Catch::Contains(R"("actor":"ann","verb":"tenant disable")") && Catch::Contains(R"("reason":"gone")"));
}

TEST_CASE("what plans allow is set and listed by command, for all of the platform") {
    test::Shell shell;
    check_refused(shell("plan list"), 3, "there is no plan");
    CHECK(shell("tenant create acme --plan starter").code == 0);
    CHECK_THAT(shell("plan list").out, Catch::Contains("starter  no limit"));
    const Ran made = shell.run({"plan", "set", "starter", "--events-per-minute", "600", "--burst", "50",
                                "--json", "--reason", "as sold"});
    CHECK(made.out == R"({"plan":"starter","events_per_minute":600,"burst":50,"tenants":1})"
                      "\n");
    CHECK(boost::json::parse(shell("plan set pro --events-per-minute 90 --json").out).at("burst") == 90);
    CHECK(lines_of(shell("plan list --json").out) == 2);
    CHECK(boost::json::parse(shell("plan set starter --unlimited --json").out)
              .at("events_per_minute")
              .is_null());
    CHECK_THAT(shell("plan list").out, Catch::Contains("starter  no limit"));

    check_refused(shell("plan set starter"), 2, "either --events-per-minute N or --unlimited");
    check_refused(shell("plan set starter --unlimited --events-per-minute 4"), 2, "either");
    check_refused(shell("plan set starter --events-per-minute 0"), 2, "from 1 to 10000000");
    check_refused(shell("plan set Starter --unlimited"), 2, "is no plan");
    const auto of_acme = shell.as("bob", "--role operator --tenant acme");
    check_refused(shell("plan set starter --unlimited", of_acme), 4, "limited to some tenants");
    CHECK(shell("plan list", of_acme).code == 0);
    CHECK_THAT(shell("audit log --all-tenants --verb plan --json").out,
               Catch::Contains(R"("events_per_minute":600)") && Catch::Contains("as sold"));
}

TEST_CASE("a source is made with what its provider needs, and its secret is shown once or never") {
    const test::Shell shell;
    CHECK(shell("tenant create acme").code == 0);
    const Ran made = shell(
        "source create --tenant acme --provider stripe --generate --alias /webhooks/stripe/ --alias "
        "/api/stripe "
        "--school-code S1 --json");
    CHECK(made.code == 0);
    const auto object = boost::json::parse(made.out);
    const std::string value{object.at("secret").at("value").as_string()};
    CHECK_THAT(value, Catch::StartsWith("whsec_"));
    CHECK(object.at("path").as_string() == "/v1/in/acme/stripe");
    CHECK(object.at("aliases").as_array().size() == 2);
    const Ran from_file = shell("source secret add stripe --tenant acme --json --secret-file " +
                                shell.file("secret", "whsec_ofthefile12345678\n"));
    CHECK(from_file.code == 0);
    CHECK_THAT(from_file.out, !Catch::Contains("whsec"));
    CHECK(shell
              .with_input(
                  "whsec_ofstdin1234567890\r\n",
                  "source secret add stripe --tenant acme --secret-file - --valid-from 2099-01-01T00:00:00Z")
              .code == 0);
    for (const char* command : {"source show stripe --tenant acme --json", "source show stripe --tenant acme",
                                "source list --all-tenants", "source secret list --all-tenants --json",
                                "source secret list stripe --tenant acme", "audit log --all-tenants",
                                "audit log --tenant acme --json"}) {
        const Ran ran = shell(command);
        CAPTURE(command, ran.err);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out + ran.err, !Catch::Contains("whsec") && !Catch::Contains(value.substr(6)));
    }
    CHECK(boost::json::parse(shell("source show stripe --tenant acme --json").out)
              .at("valid_secrets")
              .as_int64() == 2);

    check_refused(shell("source create --tenant acme --provider strip"), 2, "did you mean stripe?");
    check_refused(shell("source create --tenant acme --provider shopify --alias /api/stripe"), 1,
                  "leads to a source");
    check_refused(shell.with_input("sk_live_abcdefgh12345678",
                                   "source create --tenant acme --provider stripe --slug b --secret-file -"),
                  2, "the secret is an API key");
    check_refused(shell.with_input("whsec_abc",
                                   "source create --tenant acme --provider stripe --slug b --secret-file -"),
                  2, "cut off or masked");
    check_refused(shell("source create --provider stripe"), 2, "--tenant is missing");
    check_refused(shell("source list"), 2, "give --tenant SLUG, or --all-tenants");
    check_refused(shell("source secret add stripe --tenant acme"), 2, "--generate makes one");
    check_refused(shell("source secret add stripe --tenant acme --secret-file /nowhere"), 2,
                  "cannot open /nowhere");
    check_refused(shell("source secret add stripe --tenant acme --generate --valid-until soon"), 2,
                  "--valid-until");
    check_refused(shell("source set stripe --tenant acme --settings {\"acount\":1}"), 2,
                  "did you mean account?");
    check_refused(
        shell("source set stripe --tenant acme --settings @" + shell.file("huge", std::string(200'000, ' '))),
        2, "longer than");
    check_refused(shell("source set stripe --tenant acme --settings {"), 2, "not JSON");
    CHECK(
        shell("source set stripe --tenant acme --settings @" + shell.file("set", R"({"account": "acct_1"})"))
            .code == 0);
    CHECK_THAT(shell("source show stripe --tenant acme").out, Catch::Contains("acct_1"));
    CHECK_THAT(shell("source disable stripe --tenant acme").out, !Catch::Contains("disabled       -"));
    CHECK_THAT(shell("source enable stripe --tenant acme").out, Catch::Contains("disabled       -"));
}

TEST_CASE("a secret is retired, and all are sealed anew under a new key") {
    const test::Shell shell;
    CHECK(shell("tenant create acme").code == 0);
    CHECK(shell("source create --tenant acme --provider stripe --generate").code == 0);
    const std::string first = json_text(shell("source secret list stripe --tenant acme --json").out, "id");
    CHECK(shell("source secret add stripe --tenant acme --generate").code == 0);
    const Ran later =
        shell("source secret retire stripe " + first + " --tenant acme --at 2099-01-01T00:00:00Z --json");
    CHECK(json_text(later.out, "valid_until") == "2099-01-01T00:00:00.000Z");
    CHECK_THAT(shell("source secret retire stripe " + first + " --tenant acme").out,
               Catch::Contains("is retired; 1 other"));
    check_refused(shell("source secret retire stripe " + first + " --tenant acme"), 1, "retired already");
    check_refused(shell("source secret retire stripe x --tenant acme"), 2, "x");
    check_refused(shell("source secret retire stripe " + make_uuid_v7().text() + " --tenant acme"), 3,
                  "has no secret");

    const std::string old_key = [&] {
        std::stringstream text;
        text << std::ifstream{shell.environment().at("TOLLGATE_SEAL_KEYS_FILE")}.rdbuf();
        return text.str();
    }();
    shell.file("keys", "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    const Ran without = shell("secret reseal --json");
    CHECK(without.code == 1);
    CHECK_THAT(without.out, Catch::Contains(R"("resealed":0,"not_opened":2)"));
    shell.file("keys", "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" + old_key);
    CHECK(shell("secret reseal --json").out == "{\"key_id\":\"k2\",\"resealed\":2,\"not_opened\":0}\n");
    CHECK(shell("secret reseal").out == "0 sealed anew under the key k2\n");
    CHECK_THAT(shell("source secret list --all-tenants").out, !Catch::Contains("k1"));
    check_refused(shell("secret reseal", {{"TOLLGATE_SEAL_KEYS_FILE", ""}}), 1, "TOLLGATE_SEAL_KEYS_FILE");
}

TEST_CASE("a secret is never among the arguments of a process, nor in its environment") {
    const test::Shell shell;
    CHECK(shell("tenant create acme").code == 0);
    // It waits for its stdin, so that there is time to look.
    const std::string fifo = shell.file("unused", "") + ".fifo";
    test::ChildProcess process{"/bin/sh",
                               {"-c",
                                "mkfifo $1 && (exec \"$0\" source create --tenant acme --provider stripe "
                                "--secret-file - <$1 & wait)",
                                test::built("tollgate"), fifo},
                               shell.environment()};
    REQUIRE(test::wait_until([&] { return std::filesystem::exists(fifo); }));
    std::ofstream input{fifo};
    input << "whsec_neverseen12345678\n" << std::flush;
    std::string seen;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        for (const char* name : {"cmdline", "environ"}) {
            std::ifstream file{entry.path() / name, std::ios::binary};
            std::stringstream text;
            if (file) text << file.rdbuf();
            if (text.str().contains(shell.database().name())) seen += text.str();
        }
    }
    CHECK(seen.contains("TOLLGATE_DATABASE_URL"));
    CHECK_FALSE(seen.contains("whsec_neverseen"));
    input.close();
    CHECK(process.wait() == 0);
    CHECK_THAT(process.out() + process.err(), !Catch::Contains("neverseen"));
    check_refused(shell("source create --tenant acme --provider stripe --secret whsec_abc"), 2,
                  "unknown flag --secret");
}
