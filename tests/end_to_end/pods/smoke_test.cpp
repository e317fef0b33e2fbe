// What the jobs of k8s do: the migration that says which bus there is, and the smoke test after a rollout.
#include <catch2/catch.hpp>

#include "cluster.hpp"
#include "payers.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

std::string smoke_to(const Cluster& cluster, const Pod& ingress, const std::string& within,
                     const std::string& secret = std::string{payers_secret}) {
    return fmt::format(
        "smoke --tenant acme --to http://127.0.0.1:{}/v1/in/acme/shop --within {} --secret-file {}",
        ingress.port(), within, cluster.shell.file("secret-" + secret.substr(6, 4), secret));
}

}  // namespace

TEST_CASE("smoke follows an event through all services to the ledger, as who may only look") {
    Cluster cluster;
    auto looks = cluster.shell.as("sam", "--role viewer --tenant acme");
    looks["TOLLGATE_DATABASE_URL"] = cluster.settings("smoke").at("TOLLGATE_DATABASE_URL");
    const Pod ingress = cluster.start("ingress");
    const Pod relay = cluster.start("relay");
    const Pod enrichment = cluster.start("enrichment");
    const Pod billing = cluster.start("billing");
    const Pod delivery = cluster.start("delivery");
    for (const Pod* pod : {&ingress, &relay, &enrichment, &billing, &delivery}) {
        INFO(pod->state());
        REQUIRE(pod->becomes_ready());
    }
    const Ran ran = cluster.shell(smoke_to(cluster, ingress, "25s"), looks);
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out,
               Contains("billing: done") && Contains("delivery: done") && Contains("the ledger adds up"));
    CHECK(cluster.number("select count(*) from billing.entry") > 0);
    const Ran json = cluster.shell(smoke_to(cluster, ingress, "25s") + " --json", looks);
    CHECK(json_text(json.out, "event_id").size() == 36);

    const Ran unsigned_by_it =
        cluster.shell(smoke_to(cluster, ingress, "5s", "whsec_abcdef0123456789abcdef0123456789"), looks);
    CHECK(unsigned_by_it.code == 1);
    CHECK_THAT(unsigned_by_it.err, Contains("ingress answered 401, not 200"));
}

TEST_CASE("smoke says how far an event came, and waits for an ingress that is not there yet") {
    Cluster cluster;
    std::uint16_t port = 0;
    {
        const Pod ingress = cluster.start("ingress");
        REQUIRE(ingress.becomes_ready());
        port = ingress.port();
        const Ran ran = cluster.shell(smoke_to(cluster, ingress, "2s"));
        CHECK(ran.code == 5);
        CHECK_THAT(ran.out, Contains("accepted  event "));
        CHECK_THAT(ran.err, Contains("was not done in time: no consumer is registered"));
    }
    const Ran nobody = cluster.shell(fmt::format(
        "smoke --tenant acme --to http://127.0.0.1:{}/v1/in/acme/shop --within 1s --secret-file {}", port,
        cluster.shell.file("secret", std::string{payers_secret})));
    CHECK(nobody.code == 5);
    CHECK_THAT(nobody.err, Contains("ingress: "));
    CHECK(cluster.shell("smoke --tenant acme").code == 2);
}

TEST_CASE("migrate says which bus an installation begins with, and later leaves it as it is") {
    const Shell shell;
    const auto migrate = [&](const std::string& bus) {
        return shell("migrate --bus " + bus,
                     {{"TOLLGATE_DATABASE_URL", shell.database().owner().url.reveal()}});
    };
    CHECK(migrate("kafkq").code == 2);
    CHECK_THAT(migrate("kafka").out, Contains("the bus is kafka\n"));
    CHECK_THAT(migrate("kafka").out, Contains("the bus is kafka, as it was before\n"));

    // What an operator has chosen is not turned back by the next deployment, and does not stop it either.
    REQUIRE(shell("bus journal --reason brokerless").code == 0);
    const Ran deployed = migrate("kafka");
    CHECK(deployed.code == 0);
    CHECK_THAT(deployed.out,
               Contains("the bus is journal, as was chosen before: `tollgate bus kafka` changes it\n"));
    CHECK_THAT(migrate("kafka --json").out, Contains(R"("bus":"journal")"));
    CHECK_THAT(shell("bus").out, Catch::StartsWith("bus     journal\n"));
}

TEST_CASE("migrate leaves a bus alone that an operator has chosen before it was ever asked") {
    const Shell shell;
    REQUIRE(shell("bus kafka --reason grows").code == 0);
    const Ran deployed =
        shell("migrate --bus journal", {{"TOLLGATE_DATABASE_URL", shell.database().owner().url.reveal()}});
    CHECK(deployed.code == 0);
    CHECK_THAT(deployed.out, Contains("the bus is kafka, as was chosen before"));
}

TEST_CASE("migrate does not begin with a bus while processes use the other one") {
    const Shell shell;
    const Pod ingress{"ingress",
                      {{"TOLLGATE_DATABASE_URL", shell.database().service("ingress").url.reveal()},
                       {"TOLLGATE_SEAL_KEYS_FILE", shell.environment().at("TOLLGATE_SEAL_KEYS_FILE")}}};
    REQUIRE(ingress.becomes_ready());
    REQUIRE(wait_until([&] {
        postgres::Connection owner = open(shell.database().owner());
        return owner.execute("select count(*) from tollgate.lease where until > now()")
                   .only()
                   .get<std::int64_t>(0) > 0;
    }));
    const ChildProcess::Environment as_owner{
        {"TOLLGATE_DATABASE_URL", shell.database().owner().url.reveal()}};
    const Ran used = shell("migrate --bus kafka", as_owner);
    CHECK(used.code == 1);
    CHECK_THAT(used.err, Contains("tollgate migrate --bus: "));
    // It was not said, so it can be said when they are gone.
    CHECK_THAT(shell("bus").out, Catch::StartsWith("bus     journal\n"));
}
