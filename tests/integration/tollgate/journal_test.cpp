#include <csignal>

#include <catch2/catch.hpp>

#include "journal/append.hpp"
#include "journal/readers.hpp"
#include "journal/tenure.hpp"
#include "shell.hpp"
#include "support/child_process.hpp"
#include "support/database.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using test::ChildProcess;
using test::Ran;

namespace {

class Keeping {
public:
    explicit Keeping(const test::Database& database)
        : process_{test::built("tollgate"),
                   {"up", "--probes-port", std::to_string(port_)},
                   test::up_environment(database.service("ingress").url)} {}

    bool ready() {
        return test::wait_until([&] { return test::http_get(port_, "/healthz/ready").status == 200; });
    }
    bool said(const std::string& message) const { return process_.err().contains("\"msg\":\"" + message); }
    bool shows(const std::string& metric) {
        return test::wait_until([&] { return test::http_get(port_, "/metrics").body.contains(metric); });
    }
    ChildProcess& process() { return process_; }

private:
    std::uint16_t port_ = test::free_port();
    ChildProcess process_;
};

void append(const test::Database& database) {
    postgres::Connection connection = test::open(database.service("ingress"));
    const journal::NewEntry entry{.tenant = make_uuid_v7(), .topic = "raw", .event_id = make_uuid_v7()};
    REQUIRE(transact(connection, [&](postgres::Transaction& tx) { journal::append(tx, {&entry, 1}); }));
}

std::int64_t ticks(postgres::Connection& connection) {
    return connection.execute("select max(id) from journal.tick").only().get<std::int64_t>(0);
}

}  // namespace

TEST_CASE("when the process that keeps the journal is stopped another keeps it, and the first lets go") {
    const test::Database database{all_schemas()};
    postgres::Connection connection = test::open(database.owner());
    Keeping first{database};
    REQUIRE(first.ready());
    REQUIRE(test::wait_until([&] { return first.said("keeping the journal"); }));
    Keeping second{database};
    REQUIRE(second.ready());

    first.process().signal(SIGSTOP);
    REQUIRE(test::wait_until([&] { return second.said("keeping the journal"); }));
    const auto before = ticks(connection);
    append(database);
    CHECK(test::wait_until([&] { return ticks(connection) > before; }));

    first.process().signal(SIGCONT);
    CHECK(test::wait_until([&] { return first.said("lease lost"); }));
    append(database);
    CHECK(second.shows("tollgate_journal_ticks_total"));
    first.process().signal(SIGTERM);
    CHECK(first.process().wait() == 0);
    // At once after a clean stop.
    Keeping third{database};
    REQUIRE(third.ready());
    second.process().signal(SIGTERM);
    CHECK(second.process().wait() == 0);
    CHECK(test::wait_until([&] { return third.said("keeping the journal"); }));
}

TEST_CASE("readers are listed with what they have not passed, and retired") {
    const test::Shell shell;
    const test::Database& database = shell.database();
    const Ran none = shell("reader list");
    CHECK(none.code == 3);
    CHECK(none.err == "tollgate reader list: nobody is registered to read the journal\n");

    postgres::Connection connection = test::open(database.service("billing"));
    REQUIRE(journal::register_reader(connection, "billing"));
    append(database);
    REQUIRE(journal::Tenure::begin(connection, make_uuid_v4(), 1));
    const Ran table = shell("reader list");
    CHECK(table.code == 0);
    CHECK_THAT(table.out,
               Catch::StartsWith("READER") && Catch::Contains("billing                     1         0s"));
    const Ran json = shell("reader list --json");
    CHECK_THAT(json.out, Catch::StartsWith(R"({"name":"billing","unread":1,"behind_since":"2)") &&
                             Catch::Contains(R"("holder":null,"epoch":0,)"));

    const Ran refused = shell("reader retire billing");
    CHECK(refused.code == 1);
    CHECK(refused.err ==
          "tollgate reader retire: reader \"billing\" has about 1 entries still to read, which it would "
          "never see: "
          "--with-unread retires it all the same\n");
    const Ran unknown = shell("reader retire biling");
    CHECK(unknown.code == 3);
    const Ran retired = shell("reader retire billing --with-unread");
    CHECK(retired.code == 0);
    CHECK_THAT(retired.out, Catch::Contains("retired billing"));
    CHECK(shell("reader list").code == 3);
}
