#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "journal/readers.hpp"
#include "shell.hpp"
#include "support/wait.hpp"
#include "tenants/secrets.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using postgres::Transaction;
using test::json_text;
using test::Ran;

namespace {

void check_refused(const Ran& ran, int code, const std::string& told) {
    CHECK(ran.code == code);
    CHECK_THAT(ran.err, Catch::Contains(told));
    CHECK(ran.out.empty());
}

}  // namespace

TEST_CASE("the first operator is added with the login that migrates, and only the first") {
    const test::Database database{all_schemas()};
    const auto run = [](const std::string& url, const std::vector<std::string>& arguments) {
        test::ChildProcess process{
            test::built("tollgate"), arguments, {{"TOLLGATE_DATABASE_URL", url}, {"HOME", "/nowhere"}}};
        const int code = process.wait();
        return Ran{.code = code, .out = process.out(), .err = process.err()};
    };
    const std::string owner = database.owner().url.reveal();
    const std::string service = database.service("operator").url.reveal();
    check_refused(run(service, {"operator", "add", "eve"}), 4, "who are you?");
    check_refused(run(owner, {"operator", "add", "ann", "--role", "viewer"}), 2,
                  "leave --role and --tenant out");
    const Ran first = run(owner, {"operator", "add", "ann"});
    CHECK(first.code == 0);
    CHECK_THAT(first.out, Catch::Contains("\ntgo_"));
    check_refused(run(owner, {"operator", "add", "bob"}), 4, "who are you?");
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"tenant", "list"}, {"audit", "log", "--all-tenants"}, {"reader", "list"}, {"operator", "list"}})
        check_refused(run(service, command), 4, "who are you?");
}

TEST_CASE("the first operator is added also where the file that is to have the token is not there yet") {
    const test::Database database{all_schemas()};
    const std::string unread = "TOLLGATE_OPERATOR_TOKEN_FILE: cannot read /nowhere/token";
    const auto run = [](const std::string& url, const std::vector<std::string>& arguments) {
        test::ChildProcess process{
            test::built("tollgate"),
            arguments,
            {{"TOLLGATE_DATABASE_URL", url}, {"TOLLGATE_OPERATOR_TOKEN_FILE", "/nowhere/token"}}};
        const int code = process.wait();
        return Ran{.code = code, .out = process.out(), .err = process.err()};
    };
    const std::string owner = database.owner().url.reveal();
    check_refused(run(owner, {"tenant", "list"}), 2, unread);
    const Ran first = run(owner, {"operator", "add", "ann"});
    CHECK(first.code == 0);
    CHECK_THAT(first.out, Catch::Contains("\ntgo_"));
    check_refused(run(owner, {"operator", "add", "bob"}), 2, unread);
}

TEST_CASE("the token is taken from the home when nothing names another") {
    const test::Shell shell;
    check_refused(shell("tenant list", {{"TOLLGATE_OPERATOR_TOKEN_FILE", ""}}), 4, "who are you?");
    const std::string token = shell.environment().at("TOLLGATE_OPERATOR_TOKEN_FILE");
    const std::string home = shell.environment().at("HOME");
    std::filesystem::create_directories(home + "/.config/tollgate");
    std::filesystem::copy(token, home + "/.config/tollgate/token");
    check_refused(shell("tenant list", {{"TOLLGATE_OPERATOR_TOKEN_FILE", ""}}), 3, "there is no tenant");
    check_refused(shell("tenant list", {{"TOLLGATE_OPERATOR_TOKEN_FILE", shell.file("other", "tgo_x")}}), 4,
                  "not one of this database's");
}

TEST_CASE("roles and tenants bound what a token is good for") {
    test::Shell shell;
    CHECK(shell("tenant create acme").code == 0);
    CHECK(shell("tenant create beta").code == 0);
    const auto viewer = shell.as("vic", "--role viewer");
    const auto limited = shell.as("lim", "--role operator --tenant acme");
    const auto admin = shell.as("adm", "--role admin --tenant beta");
    CHECK(shell("tenant list", viewer).code == 0);
    check_refused(shell("tenant disable acme", viewer), 4, "needs the role operator");
    check_refused(shell("operator list", limited), 4, "needs the role admin");
    check_refused(shell("tenant show beta", limited), 4, "may act for acme only");
    check_refused(shell("tenant create gamma", limited), 4, "the whole platform");
    check_refused(shell("secret reseal", limited), 4, "the whole platform");
    CHECK(shell("source create --tenant acme --provider stripe --generate", limited).code == 0);
    CHECK_THAT(shell("tenant list", limited).out, Catch::Contains("acme") && !Catch::Contains("beta"));
    check_refused(shell("source list --all-tenants", admin), 3, "there is no source");
    check_refused(shell("operator add x --role viewer --tenant acme", admin), 4, "may act for beta only");
    check_refused(shell("operator add x", admin), 4, "the whole platform");
    check_refused(shell("operator add x --role viewr"), 2, "did you mean viewer?");
    check_refused(shell("operator add x --tenant acne"), 2, "did you mean acme?");
    CHECK(shell("operator retire lim --json").code == 0);
    check_refused(shell("tenant list", limited), 4, "was retired");
    check_refused(shell("operator retire ann"), 1, "the last admin");
    check_refused(shell("operator retire lin"), 3, "did you mean lim?");
    const Ran log = shell("audit log --all-tenants --actor lim --verb source --json");
    CHECK(json_text(log.out, "verb") == "source create");
    check_refused(shell("audit log --all-tenants --limit 0"), 2, "--limit");
    check_refused(shell("audit log --all-tenants --actor nobody"), 3, "nothing of that");
}

TEST_CASE("who takes a reader off the journal is on record") {
    test::Shell shell;
    postgres::Connection billing = test::open(shell.database().service("billing"));
    REQUIRE(journal::register_reader(billing, "billing"));
    check_refused(shell("reader retire billing", shell.as("vic", "--role viewer")), 4,
                  "needs the role operator");
    CHECK(shell("tenant create acme").code == 0);
    check_refused(shell("reader list", shell.as("lim", "--tenant acme")), 4, "the whole platform");
    check_refused(shell("reader retire biling"), 3, "did you mean billing?");
    CHECK(shell("reader retire billing --reason gone").code == 0);
    const Ran log = shell("audit log --all-tenants --verb reader --json");
    CHECK_THAT(log.out,
               Catch::Contains(R"("actor":"ann","verb":"reader retire","arguments":{"name":"billing")") &&
                   Catch::Contains(R"("reason":"gone")"));
}

TEST_CASE("re-sealing that is killed goes on when it is run again") {
    constexpr int secrets = 350;
    const test::Shell shell;
    CHECK(shell("tenant create acme").code == 0);
    CHECK(shell("source create --tenant acme --provider stripe").code == 0);
    const std::string keys_file = shell.environment().at("TOLLGATE_SEAL_KEYS_FILE");
    const auto keys = crypto::Keyring::load(keys_file);
    REQUIRE(keys);
    const tenants::Catalogue catalogue{
        .check = [](auto, auto, auto) -> Result<void> { return {}; },
        .make_secret = [](auto) -> Result<Secret> { return Secret{"whsec_abcdefgh12345678"}; }};
    postgres::Connection operators = test::open(shell.database().service("operator"));
    const Result<void> added = transact(operators, [&](Transaction& tx) -> Result<void> {
        const tenants::Actor ann{.name = "ann", .role = tenants::Role::admin, .tenants = {}};
        for (int i = 0; i < secrets; ++i) {
            const auto one = add_secret(tx, ann, {catalogue, *keys}, "acme", "stripe", {});
            if (!one) return std::unexpected{one.error()};
        }
        return {};
    });
    REQUIRE(added);
    const auto count = [&](const std::string& what) {
        return *transact(operators, [&](Transaction& tx) {
            tenants::see_all_tenants(tx);
            return tx.execute("select count(*) from tenants." + what).only().get<std::int64_t>(0);
        });
    };
    std::stringstream old_keys;
    old_keys << std::ifstream{keys_file}.rdbuf();
    shell.file("keys", "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" + old_keys.str());

    // Somebody holds the last one, so that it comes to a halt after three steps.
    postgres::Connection owner = test::open(shell.database().owner());
    {
        postgres::Transaction holding{owner};
        tenants::see_all_tenants(holding);
        holding.execute("select from tenants.secret order by secret desc limit 1 for update");
        test::ChildProcess reseal{test::built("tollgate"), {"secret", "reseal"}, shell.environment()};
        REQUIRE(test::wait_until([&] { return count("audit where verb = 'secret reseal'") == 3; }));
        reseal.signal(SIGKILL);
        CHECK(reseal.wait() == 128 + SIGKILL);
    }
    CHECK(test::wait_until([&] { return count("secret where key_id = 'k2'") == 300; }));
    CHECK(shell("secret reseal --json").out == "{\"key_id\":\"k2\",\"resealed\":50,\"not_opened\":0}\n");
}
