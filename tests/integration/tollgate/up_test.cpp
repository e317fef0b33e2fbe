#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <sched.h>
#include <sys/resource.h>

#include "shell.hpp"
#include "support/child_process.hpp"
#include "support/database.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/postgres_server.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using test::ChildProcess;

namespace {

const postgres::Schemas schemas = all_schemas();

// `tollgate up` on a database, with its probes on a port of its own.
struct Up {
    explicit Up(const Secret& url, ChildProcess::Environment more = {})
        : process{test::built("tollgate"),
                  {"up", "--probes-port", std::to_string(port)},
                  with(url, std::move(more))} {}

    static ChildProcess::Environment with(const Secret& url, ChildProcess::Environment more) {
        more.merge(test::up_environment(url));
        return more;
    }

    bool becomes(int status) {
        return test::wait_until([&] { return test::http_get(port, "/healthz/ready").status == status; });
    }

    std::uint16_t port = test::free_port();
    ChildProcess process;
};

// Ends by itself with this code, and says so in a line that contains this.
void check_refused(Up up, int code, const std::string& because) {
    CHECK(up.process.wait() == code);
    CHECK_THAT(up.process.err(), Catch::Contains(because));
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("up becomes ready and tells its state and stops cleanly") {
    const test::Database database{schemas};
    Up up{database.service("ingress").url};
    REQUIRE(up.becomes(200));
    CHECK(test::http_get(up.port, "/healthz/live").status == 200);
    CHECK(test::http_get(up.port, "/healthz/ready").body ==
          R"({"status":"ready","checks":{"database":"ok","sources":"ok","journal":"ok"}})");
    CHECK_THAT(test::http_get(up.port, "/metrics").body,
               Catch::Contains("tollgate_build_info{service=\"up\",version="));
    CHECK(test::http_get(up.port, "/nothing").status == 404);
    up.process.signal(SIGTERM);
    CHECK(up.process.wait() == 0);
    CHECK_THAT(up.process.err(), Catch::Contains(R"("service":"up","msg":"stopped")"));
    CHECK(up.process.out().empty());
}

// Under load each answer would else be interrupted by whom it wakes.
TEST_CASE("every thread lets others finish what they are at") {
    const test::Database database{schemas};
    Up up{database.service("ingress").url};
    REQUIRE(up.becomes(200));
    std::size_t threads = 0;
    for (const auto& task :
         std::filesystem::directory_iterator{fmt::format("/proc/{}/task", up.process.pid())}) {
        CHECK(sched_getscheduler(std::stoi(task.path().filename())) == SCHED_BATCH);
        ++threads;
    }
    CHECK(threads > 5);
}

TEST_CASE("up has as many descriptors as it may have") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit usual = before;
    usual.rlim_cur = std::min<rlim_t>(1024, before.rlim_max);
    const test::Database database{schemas};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &usual) == 0);
    Up up{database.service("ingress").url};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(up.becomes(200));
    rlimit of_it{};
    REQUIRE(prlimit(up.process.pid(), RLIMIT_NOFILE, nullptr, &of_it) == 0);
    CHECK(of_it.rlim_cur == before.rlim_max);
}

TEST_CASE("up waits for a database that is away and serves its probes meanwhile") {
    test::PostgresServer server;
    server.stop();
    Up up{server.url()};
    REQUIRE(up.becomes(503));
    CHECK(test::http_get(up.port, "/healthz/live").status == 200);
    CHECK(test::wait_until([&] { return up.process.err().contains("waiting for the database"); }));
    up.process.signal(SIGTERM);
    CHECK(up.process.wait() == 0);
}

TEST_CASE("up is not ready while its database is down and ready again after") {
    test::PostgresServer server;
    server.administer("create role svc login noinherit");
    ChildProcess migrate{test::built("tollgate"),
                         {"migrate", "--grant-to", "svc"},
                         {{"TOLLGATE_DATABASE_URL", server.url().reveal()}}};
    REQUIRE(migrate.wait() == 0);
    Up up{server.url("app", "svc")};
    REQUIRE(up.becomes(200));
    server.stop();
    REQUIRE(up.becomes(503));
    CHECK(up.process.running());
    server.start();
    CHECK(up.becomes(200));
}

TEST_CASE("up refuses a database that is not fit for it in one line and with nothing done") {
    const test::Database empty;
    check_refused(Up{empty.owner().url}, 1, "run `tollgate migrate");

    const test::Database migrated{schemas};
    check_refused(Up{migrated.owner().url}, 1, "--grant-to");

    auto owner = postgres::Connection::open(migrated.owner());
    REQUIRE(owner.has_value());
    owner->execute_script(
        "insert into tollgate.migration (schema_name, number, name, release, checksum) values ('x', 1, "
        "'001_x', 9, '')");
    check_refused(Up{migrated.service("ingress").url}, 1, "the database is of release 9");
}

TEST_CASE("up says that its login has not all of the roles that it needs") {
    test::PostgresServer server;
    server.administer("create role svc login noinherit");
    ChildProcess migrate{
        test::built("tollgate"), {"migrate"}, {{"TOLLGATE_DATABASE_URL", server.url().reveal()}}};
    REQUIRE(migrate.wait() == 0);
    server.administer("grant tollgate_ingress to svc");
    check_refused(Up{server.url("app", "svc")}, 1,
                  "tollgate_enrichment: run `tollgate migrate --grant-to LOGIN`");
}

TEST_CASE("up names what is wrong with its settings and shows no secret") {
    struct Example {
        ChildProcess::Environment environment;
        std::string told;
    };
    const std::vector<Example> examples{
        {{{"TOLLGATE_DATABASE_URL", "postgres//ann:hunter2@db/x"}}, "the database URL cannot be read"},
        {{{"TOLLGATE_DATABASE_URL_FILE", "/nowhere"}}, "TOLLGATE_DATABASE_URL_FILE: cannot read /nowhere"},
        {{{"TOLLGATE_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x"}, {"TOLLGATE_LOG_LEVEL", "loud"}},
         "TOLLGATE_LOG_LEVEL: \"loud\" is none of"},
        {{{"TOLLGATE_DATABASE_URL", "postgresql://u:hunt/er:hunter2@127.0.0.1:1/x"}},
         "the database URL cannot be read"},
        {{{"TOLLGATE_DATABASE_URL", "postgresql://u:x@hunter2@127.0.0.1:1/x"}},
         "the database URL cannot be read"},
        {{{"TOLLGATE_DATABASE_URL", "postgresql://"}}, "the database URL cannot be read"},
        {{}, "database.url is not set"},
    };
    for (const Example& example : examples) {
        INFO(example.told);
        auto environment = test::up_environment(Secret{});
        environment.erase("TOLLGATE_DATABASE_URL");
        environment.merge(ChildProcess::Environment{example.environment});
        ChildProcess process{
            test::built("tollgate"), {"up", "--probes-port", std::to_string(test::free_port())}, environment};
        CHECK(process.wait() != 0);
        CHECK_THAT(process.err(), Catch::Contains(example.told) && !Catch::Contains("hunter2"));
    }
}

TEST_CASE("a stop in the middle of a check that hangs ends within the drain") {
    test::PostgresServer server;
    server.administer("create role svc login noinherit");
    ChildProcess migrate{test::built("tollgate"),
                         {"migrate", "--grant-to", "svc"},
                         {{"TOLLGATE_DATABASE_URL", server.url().reveal()}}};
    REQUIRE(migrate.wait() == 0);
    Up up{server.url("app", "svc"), {{"TOLLGATE_PROBES_DRAIN_MAX", "1s"}}};
    REQUIRE(up.becomes(200));
    auto other = postgres::Connection::open({.url = server.url("app", "svc")});
    REQUIRE(other.has_value());
    const auto backends =
        other->execute("select pid from pg_stat_activity where application_name = 'tollgate up'");
    for (const postgres::Row row : backends) kill(row.get<std::int32_t>(0), SIGSTOP);
    up.process.signal(SIGTERM);
    const int code = up.process.wait(std::chrono::seconds{10});
    for (const postgres::Row row : backends) kill(row.get<std::int32_t>(0), SIGCONT);
    // Either the check was not under way, or the watch ended it; never a process that stays.
    CHECK((code == 0 || code == 1));
    CHECK_THAT(up.process.err(), !Catch::Contains("Sanitizer"));
}

TEST_CASE("a second signal ends a drain at once") {
    test::PostgresServer server;
    server.signal(SIGSTOP);
    Up up{server.url()};
    // Connecting hangs: the server takes the connection and says nothing.
    REQUIRE(up.becomes(503));
    up.process.signal(SIGTERM);
    up.process.signal(SIGTERM);
    const int code = up.process.wait(std::chrono::seconds{10});
    server.signal(SIGCONT);
    CHECK((code == 0 || code == 1));
}

TEST_CASE("a taken port is named with its address") {
    const test::Database database{schemas};
    Up first{database.service("ingress").url};
    REQUIRE(first.becomes(200));
    ChildProcess second{test::built("tollgate"),
                        {"up", "--probes-port", std::to_string(first.port)},
                        Up::with(database.service("ingress").url, {})};
    CHECK(second.wait() == 1);
    CHECK_THAT(second.err(), Catch::Contains(std::to_string(first.port)));
    CHECK(lines_of(second.err()) == 1);
}

TEST_CASE("neither arguments nor help nor logs show the password") {
    test::PostgresServer server;
    Secret url{server.url().reveal()};
    std::string with_password = url.reveal();
    with_password.insert(with_password.find('@'), ":hunter2");
    Up up{Secret{with_password}};
    REQUIRE(test::wait_until([&] { return !up.process.err().empty(); }));
    std::ifstream file{"/proc/" + std::to_string(up.process.pid()) + "/cmdline"};
    std::stringstream arguments;
    arguments << file.rdbuf();
    CHECK_THAT(arguments.str(), !Catch::Contains("hunter2"));
    CHECK(up.process.wait() == 1);
    CHECK_THAT(up.process.err(), !Catch::Contains("hunter2"));

    ChildProcess help{test::built("tollgate"), {"up", "--help"}, {{"TOLLGATE_DATABASE_URL", with_password}}};
    CHECK(help.wait() == 0);
    CHECK_THAT(help.out(), !Catch::Contains("hunter2") && Catch::Contains("TOLLGATE_DATABASE_URL"));
}
