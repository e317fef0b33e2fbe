#include <catch2/catch.hpp>

#include "support/child_process.hpp"
#include "support/database.hpp"

using namespace tollgate;
using test::ChildProcess;

namespace {

struct Ran {
    int code;
    std::string out;
    std::string err;
};

Ran tollgate_with(const std::vector<std::string>& arguments,
                  const ChildProcess::Environment& environment = {}) {
    ChildProcess process{test::built("tollgate"), arguments, environment};
    const int code = process.wait();
    return {.code = code, .out = process.out(), .err = process.err()};
}

}  // namespace

TEST_CASE("wrong usage is one line on stderr and exit code 2") {
    struct Example {
        std::vector<std::string> arguments;
        std::string told;
    };
    for (const auto& [arguments, told] : std::vector<Example>{
             {{"migrat"}, "tollgate: unknown command \"migrat\": did you mean migrate?; --help lists them\n"},
             {{"migrate", "--jsn"},
              "tollgate: unknown flag --jsn: did you mean --json?; --help lists them\n"},
             {{"migrate", "now"}, "tollgate: unexpected argument \"now\"; --help shows the usage\n"},
             {{"migrate"},
              "tollgate: database.url is not set: give it in TOLLGATE_DATABASE_URL, or in a file named by "
              "TOLLGATE_DATABASE_URL_FILE\n"},
         }) {
        const Ran ran = tollgate_with(arguments);
        CHECK(ran.code == 2);
        CHECK(ran.err == told);
        CHECK(ran.out.empty());
    }
    CHECK(tollgate_with({}).code == 2);
}

TEST_CASE("help and version go to stdout and succeed") {
    CHECK_THAT(tollgate_with({"--help"}).out, Catch::Contains("migrate") && Catch::Contains("up"));
    CHECK_THAT(tollgate_with({"migrate", "--help"}).out, Catch::Contains("--grant-to"));
    CHECK_THAT(tollgate_with({"--version"}).out, Catch::StartsWith("tollgate 0."));
}

TEST_CASE("migrate prints what it did and a second run has nothing to do") {
    const test::Database database;
    const ChildProcess::Environment owner{{"TOLLGATE_DATABASE_URL", database.owner().url.reveal()}};
    const Ran first = tollgate_with({"migrate"}, owner);
    CHECK(first.code == 0);
    CHECK_THAT(first.out, Catch::Contains("applying tollgate 001_leases"));
    const Ran second = tollgate_with({"migrate", "--json"}, owner);
    CHECK(second.code == 0);
    CHECK(second.out == "{\"applied\":0,\"steps\":[],\"journal_started_anew\":false}\n");
    const Ran nobody = tollgate_with({"migrate", "--grant-to", "nobody_here"}, owner);
    CHECK(nobody.code == 3);
    CHECK_THAT(nobody.err, Catch::Contains("there is no login \"nobody_here\""));
}

TEST_CASE("a login that may not migrate is told so before anything is made") {
    const test::Database database;
    auto owner = postgres::Connection::open(database.owner());
    REQUIRE(owner.has_value());
    const std::string login = database.name() + "_plain";
    owner->execute_script(
        fmt::format("create role {0} login; grant create on database {1} to {0}", login, database.name()));
    const Ran ran = tollgate_with(
        {"migrate"}, {{"TOLLGATE_DATABASE_URL", test::url_for(database.name(), login).reveal()}});
    owner->execute_script(
        fmt::format("revoke all on database {1} from {0}; drop role {0}", login, database.name()));
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, Catch::Contains("may not create roles"));
    CHECK(owner->execute("select to_regnamespace('tollgate') is null").only().get<bool>(0));
}

TEST_CASE("output that cannot be written is a failure") {
    ChildProcess process{"/bin/sh", {"-c", "exec \"$0\" --help >/dev/full", test::built("tollgate")}};
    CHECK(process.wait() == 1);
    CHECK_THAT(process.err(), Catch::Contains("could not be written"));
}

TEST_CASE("with its standard streams closed it writes into nothing of its own") {
    const test::Database database;
    ChildProcess process{
        "/bin/sh",
        {"-c", "exec \"$0\" migrate --grant-to nobody_here 0<&- 1>&- 2>&-", test::built("tollgate")},
        {{"TOLLGATE_DATABASE_URL", database.owner().url.reveal()}}};
    // What it would have said went nowhere, and not to the server: that would have ended the connection.
    CHECK(process.wait() == 3);
}

TEST_CASE("an argument's control characters do not reach the terminal") {
    const Ran ran = tollgate_with({"migrate", "--x\x1b[2J\ny"});
    CHECK(ran.code == 2);
    CHECK(ran.err == "tollgate: unknown flag --x\\x1b[2J\\x0ay; --help lists them\n");
}

TEST_CASE("a database that cannot be reached is told with its address and exit code 5") {
    const Ran ran =
        tollgate_with({"migrate"}, {{"TOLLGATE_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x"}});
    CHECK(ran.code == 5);
    CHECK_THAT(ran.err, Catch::Contains("127.0.0.1:1/x") && !Catch::Contains("hunter2"));
}
