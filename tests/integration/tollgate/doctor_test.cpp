// What `tollgate doctor` finds, and that it says what to do.
#include <fstream>
#include <iterator>
#include <optional>

#include <catch2/catch.hpp>

#include "letters.hpp"
#include "many_events.hpp"
#include "postgres/lease.hpp"
#include "shell.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/postgres_server.hpp"
#include "support/slack_recorder/slack_recorder.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using test::ChildProcess;
using test::Ran;

namespace {

// With the login of the services and the shell's keys.
struct Patient {
    Ran doctor(const std::string& flags = "", const ChildProcess::Environment& more = {}) const {
        ChildProcess::Environment environment = more;
        environment.merge(ChildProcess::Environment{
            {"TOLLGATE_DATABASE_URL", shell.database().service("ingress").url.reveal()}});
        return shell("doctor" + flags, environment);
    }

    void as_owner(const std::string& sql) const {
        test::open(shell.database().owner()).execute_script("set tollgate.tenant = '*'; " + sql);
    }

    const test::Shell shell;
};

// The line of this state about this.
Catch::Matchers::StdString::RegexMatcher says(const std::string& state, const std::string& about,
                                              const std::string& what) {
    return Catch::Matches("(?:.|\\n)*" + state + " +" + about + " +[^\\n]*" + what + "(?:.|\\n)*");
}

}  // namespace

TEST_CASE("doctor finds nothing wrong with what migrate has made, and exits with 0") {
    const test::PostgresServer server{{"fsync=on", "full_page_writes=on"}};
    const std::string owner = server.url().reveal();
    ChildProcess migrate{test::built("tollgate"), {"migrate"}, {{"TOLLGATE_DATABASE_URL", owner}}};
    REQUIRE(migrate.wait() == 0);
    server.administer("create role services login noinherit");
    ChildProcess grant{
        test::built("tollgate"), {"migrate", "--grant-to", "services"}, {{"TOLLGATE_DATABASE_URL", owner}}};
    REQUIRE(grant.wait() == 0);
    const test::Shell keys;
    const ChildProcess::Environment environment{
        {"TOLLGATE_DATABASE_URL", server.url("app", "services").reveal()},
        {"TOLLGATE_SEAL_KEYS_FILE", keys.environment().at("TOLLGATE_SEAL_KEYS_FILE")}};
    const Ran ran = keys("doctor --data-directory /", environment);
    CAPTURE(ran.out);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, says("ok", "database", "app as services, Postgres 15"));
    CHECK_THAT(ran.out, says("ok", "schema", "all migrations"));
    CHECK_THAT(ran.out, says("ok", "rights", "and nothing else"));
    CHECK_THAT(ran.out, says("ok", "durability", "synchronous_commit on"));
    CHECK_THAT(ran.out, says("ok", "clock", "primary"));
    CHECK_THAT(ran.out, says("(?:ok|warning)", "disk", "free where Postgres keeps"));
    CHECK_THAT(ran.out, says("ok", "bus", "the journal"));
    CHECK_THAT(ran.out, says("warning", "processes", "nothing is running"));
    CHECK_THAT(ran.out, says("ok", "journal", "of journal.bytes_max 8.0 GiB"));
    CHECK_THAT(ran.out, says("ok", "destinations", "none yet"));
    CHECK_THAT(ran.out, Catch::Contains(": 0 wrong, 1 to know about") && !Catch::Contains("\x1b["));

    server.administer("alter role services set synchronous_commit = off");
    server.administer("alter system set full_page_writes = off");
    server.administer("select pg_reload_conf()");
    const Ran careless = keys("doctor", environment);
    CHECK(careless.code == 1);
    CHECK_THAT(careless.out, says("wrong", "durability", "before its event is on disk"));
    CHECK_THAT(careless.out, Catch::Contains("-> alter role services reset synchronous_commit\n"));
}

TEST_CASE("doctor names what mends synchronous_commit wherever it is set, and that mends it") {
    const test::PostgresServer server;
    const std::string owner = server.url().reveal();
    server.administer("alter system set synchronous_commit = off");
    server.administer("select pg_reload_conf()");
    server.administer("create role \"the services\" login noinherit");
    ChildProcess migrate{test::built("tollgate"),
                         {"migrate", "--grant-to", "the services"},
                         {{"TOLLGATE_DATABASE_URL", owner}}};
    REQUIRE(migrate.wait() == 0);
    const test::Shell shell;
    const auto doctor = [&](const std::string& more = "") {
        return shell("doctor",
                     {{"TOLLGATE_DATABASE_URL", server.url("app", "the%20services").reveal() + more}})
            .out;
    };
    // Each of these hides the ones before.
    std::vector<std::string> mends;
    for (const std::string where :
         {"role all", "database app", "role \"the services\"", "role \"the services\" in database app"}) {
        server.administer("alter " + where + " set synchronous_commit = off");
        mends.push_back("alter " + where + " reset synchronous_commit");
        CHECK_THAT(doctor(), Catch::Contains("-> " + mends.back() + "\n"));
    }
    CHECK_THAT(doctor("?options=-csynchronous_commit%3Doff"),
               Catch::Contains("-> take it out of the database URL"));
    for (; !mends.empty(); mends.pop_back()) {
        CHECK_THAT(doctor(), Catch::Contains("-> " + mends.back() + "\n"));
        server.administer(mends.back());
    }
    CHECK_THAT(doctor(), Catch::Contains("-> alter system set synchronous_commit = on"));
    server.administer("alter system set synchronous_commit = on");
    server.administer("select pg_reload_conf()");
    CHECK(test::wait_until([&] { return !doctor().contains("synchronous_commit is off"); }));
}

TEST_CASE("doctor says what to do where nothing else can be looked at") {
    const Patient patient;
    const Ran nobody = patient.doctor(
        "", {{"TOLLGATE_DATABASE_URL", fmt::format("postgresql://app@127.0.0.1:{}/app", test::free_port())}});
    CHECK(nobody.code == 1);
    CHECK_THAT(nobody.out, says("wrong", "database", "cannot connect"));
    CHECK_THAT(nobody.out, Catch::Contains("-> start that Postgres, or mend TOLLGATE_DATABASE_URL"));
    const test::Database empty;
    const Ran bare = patient.doctor("", {{"TOLLGATE_DATABASE_URL", empty.owner().url.reveal()}});
    CHECK(bare.code == 1);
    CHECK_THAT(bare.out, Catch::Contains("tollgate migrate"));
    CHECK_THAT(
        patient.doctor("", {{"TOLLGATE_DATABASE_URL", patient.shell.database().owner().url.reveal()}}).out,
        says("wrong", "rights", "may create roles"));
}

TEST_CASE("doctor tells keys that do not open what is sealed, and those that are older") {
    const Patient patient;
    const test::Shell other;
    REQUIRE(patient.shell("tenant create acme").code == 0);
    REQUIRE(patient.shell
                .with_input("whsec_0123456789abcdef0123456789abcdef",
                            "source create --tenant acme --provider stripe --slug shop --secret-file -")
                .code == 0);
    CHECK_THAT(patient.doctor().out, says("ok", "keys", "1 secrets of sources open"));
    const Ran none = patient.doctor("", {{"TOLLGATE_SEAL_KEYS_FILE", "/nowhere"}});
    CHECK(none.code == 1);
    CHECK_THAT(none.out, says("wrong", "keys", "/nowhere"));

    const std::string fresh = "new MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n";
    const Ran lost = patient.doctor("", {{"TOLLGATE_SEAL_KEYS_FILE", other.file("keys", fresh)}});
    CHECK(lost.code == 1);
    CHECK_THAT(lost.out, says("wrong", "keys", "1 of 1 secrets of sources cannot be opened"));
    CHECK_THAT(lost.out, Catch::Contains("put the key that sealed them back"));
    std::ifstream old{patient.shell.environment().at("TOLLGATE_SEAL_KEYS_FILE")};
    const std::string both = fresh + std::string{std::istreambuf_iterator<char>{old}, {}};
    CHECK_THAT(patient.doctor("", {{"TOLLGATE_SEAL_KEYS_FILE", other.file("both", both)}}).out,
               says("warning", "keys", "sealed with an older key"));
}

TEST_CASE("doctor compares the bus with the brokers, and looks at them and their topics") {
    const Patient patient;
    test::KafkaBroker broker;
    const ChildProcess::Environment brokers{{"TOLLGATE_KAFKA_BROKERS", broker.address()},
                                            {"TOLLGATE_KAFKA_TOPIC_PREFIX", broker.topic_name() + "."}};
    const Ran undecided = patient.doctor("", brokers);
    CHECK_THAT(undecided.out, says("warning", "bus", "it is the journal, and brokers are configured"));
    CHECK_THAT(undecided.out, says("warning", "brokers", "1 of them"));
    CHECK_THAT(undecided.out, says("warning", "topics", "raw is not there"));
    REQUIRE(patient.shell("bus kafka --reason try").code == 0);
    CHECK_THAT(patient.doctor("", brokers).out, says("ok", "bus", "Kafka"));
    const Ran without = patient.doctor();
    CHECK(without.code == 1);
    CHECK_THAT(without.out, says("wrong", "bus", "no brokers are configured"));
    const Ran silent =
        patient.doctor("", {{"TOLLGATE_KAFKA_BROKERS", fmt::format("127.0.0.1:{}", test::free_port())}});
    CHECK(silent.code == 1);
    CHECK_THAT(silent.out, says("wrong", "brokers", "127.0.0.1"));
}

TEST_CASE("doctor names what waits for people: destinations that are broken, and what is dead") {
    const Patient patient;
    REQUIRE(patient.shell("tenant create acme").code == 0);
    const test::SlackRecorder slack{{.token = "xoxb-1-s3cr3t", .burst = 100}};
    REQUIRE(patient
                .shell("destination create payments --tenant acme --kind slack-webhook --secret-file " +
                           patient.shell.file("webhook", slack.webhook("payments")),
                       {{"TOLLGATE_SLACK_API_URL", slack.api_url()},
                        {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"}})
                .code == 0);
    CHECK_THAT(patient.doctor().out, says("ok", "destinations", "1 of 1 in order"));
    patient.as_owner(
        "insert into delivery.lane (tenant, destination, broken_at, broken_reason) "
        "select tenant, destination, now(), 'the webhook was removed in Slack' from tenants.destination");
    test::make_consumer(patient.shell);
    test::make_letter(patient.shell, {.tenant = test::make_tenant(patient.shell, "bolt")});
    const Ran ran = patient.doctor();
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, says("wrong", "destinations", "payments of acme: the webhook was removed in Slack"));
    CHECK_THAT(ran.out, says("warning", "consumers", "billing: 1 dead"));
    CHECK_THAT(ran.out, Catch::Contains("-> tollgate dead-letter groups --all-tenants --consumer billing"));
    CHECK_THAT(ran.out, says("ok", "consumers", "enrichment: none dead"));
    CHECK_THAT(ran.out, Catch::Contains("-> tollgate destination reconnect payments --tenant acme"));
    const Ran json = patient.doctor(" --json");
    CHECK_THAT(json.out,
               Catch::Contains(R"({"state":"wrong","about":"destinations","what":"payments of acme)"));
}

TEST_CASE("doctor tells what nobody takes up, and who is missing, where Kafka is the bus") {
    const Patient patient;
    const Uuid acme = test::make_tenant(patient.shell, "acme");
    patient.as_owner("select consumer.register_consumer('billing', 'raw', true)");
    const Uuid event = test::make_event(patient.shell, acme, "invoice.paid", "{}");
    CHECK_THAT(patient.doctor().out, says("warning", "consumers", "billing: nobody runs it"));
    REQUIRE(patient.shell("bus kafka --reason try").code == 0);

    auto settings = patient.shell.database().service("billing");
    settings.application_name = "tollgate billing";
    std::optional<postgres::Connection> member{test::open(settings)};
    CHECK_THAT(patient.doctor().out,
               says("ok", "consumers", "billing: nothing of the newest waits for more than 5 minutes"));
    test::make_events_like(patient.shell, event, 506, std::chrono::minutes{7});
    const Ran stuck = patient.doctor();
    CHECK_THAT(stuck.out,
               says("warning", "consumers", "billing: 506 events not taken up, the oldest for 7m .*s"));
    CHECK_THAT(stuck.out, Catch::Contains("-> its log says what it waits for"));
    member.reset();
    CHECK(
        test::wait_until([&] { return patient.doctor().out.contains("-> start it: nobody is connected"); }));

    {
        const postgres::Lease keeper{
            patient.shell.database().service("ingress"), {.name = "journal.keeper"}, make_uuid_v4()};
        REQUIRE(test::wait_until([&] { return keeper.epoch().has_value(); }));
        CHECK_THAT(patient.doctor().out,
                   says("warning", "processes", "nobody relays what is stored to Kafka"));
        const postgres::Lease relay{
            patient.shell.database().service("relay"), {.name = "relay"}, make_uuid_v4()};
        REQUIRE(test::wait_until([&] { return relay.epoch().has_value(); }));
        CHECK_THAT(patient.doctor().out, says("ok", "processes", "journal.keeper, relay"));
    }
}
