// Which sources were heard, and who of those that normally speak is silent.
#include "ingress/hearing.hpp"

#include <csignal>

#include <catch2/catch.hpp>

#include "gateway.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

class World {
public:
    World() { owner_.execute_script("set tollgate.tenant = '*'"); }

    void change(const std::string& set) { owner_.execute("update consumer.heard set " + set); }
    bool holds(const std::string& condition) {
        return wait_until([&] {
            return owner_.execute("select count(*) from consumer.heard where " + condition)
                       .only()
                       .get<std::int64_t>(0) == 1;
        });
    }
    // Once it has counted anew.
    bool tells(int silent) {
        return wait_until([&] {
            return metrics.text().contains("\ntollgate_ingress_silent_sources " + std::to_string(silent) +
                                           "\n");
        });
    }

    Database database{ingress_schemas};
    Office office{database.owner()};
    Uuid tenant = office.create_tenant("acme");
    Uuid source = office.create_source("acme", {.provider = "stripe"}).source.id;
    telemetry::Metrics metrics;

private:
    postgres::Connection owner_ = open(database.owner());
};

}  // namespace

TEST_CASE("who normally speaks is silent after twice the longest pause, and not before") {
    World world;
    ingress::Hearing hearing{world.database.service("ingress"), {.write_every = 20ms}, world.metrics};
    hearing.heard(world.tenant, world.source);
    REQUIRE(world.holds("hours = 1 and heard_at > now() - interval '1 minute'"));
    CHECK(world.tells(0));

    const std::string often =
        "since = now() - interval '9 days', hours = 50, longest_pause = '2 hours', heard_at = ";
    const auto is_silent = [&] { world.change(often + "now() - interval '241 minutes'"); };
    is_silent();
    CHECK(world.tells(1));
    world.change(often + "now() - interval '239 minutes'");
    CHECK(world.tells(0));
    // One of whom too little is known.
    is_silent();
    CHECK(world.tells(1));
    world.change("hours = 23");
    CHECK(world.tells(0));
    is_silent();
    CHECK(world.tells(1));
    world.change("since = heard_at - interval '2 days'");
    CHECK(world.tells(0));
    // A pause of minutes does not make every hour a silence.
    world.change(
        "heard_at = now() - interval '170 minutes', since = now() - interval '9 days', longest_pause = '5 "
        "minutes'");
    CHECK(world.tells(0));
    is_silent();
    CHECK(world.tells(1));
    world.office.order([](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        const auto disabled = tenants::disable_source(tx, actor, "acme", "stripe");
        return disabled ? Result<void>{} : std::unexpected{disabled.error()};
    });
    CHECK(world.tells(0));
}

TEST_CASE("a silence that is over counts as no longer pause than what was none") {
    World world;
    ingress::Hearing hearing{world.database.service("ingress"), {.write_every = 20ms}, world.metrics};
    hearing.heard(world.tenant, world.source);
    REQUIRE(world.holds("hours = 1"));
    world.change(
        "since = now() - interval '9 days', hours = 50, longest_pause = '2 hours', heard_at = now() - "
        "interval '2 days'");
    REQUIRE(world.tells(1));
    hearing.heard(world.tenant, world.source);
    CHECK(world.holds("hours = 51 and longest_pause = interval '4 hours'"));
    CHECK(world.tells(0));
    // An ordinary pause, while older ones fade.
    world.change("longest_pause = '30 hours', heard_at = now() - interval '3 days'");
    hearing.heard(world.tenant, world.source);
    CHECK(world.holds("hours = 52 and longest_pause between '59 hours' and '60 hours'"));
    world.change("heard_at = now() - interval '15 days', longest_pause = '400 hours'");
    hearing.heard(world.tenant, world.source);
    CHECK(world.holds("longest_pause between '359 hours' and '361 hours'"));
}

TEST_CASE("what was heard while the database was away is written at the end") {
    World world;
    {
        ingress::Hearing hearing{world.database.service("ingress"), {.write_every = 1h}, world.metrics};
        CHECK(world.tells(0));
        hearing.heard(world.tenant, world.source);
    }
    CHECK(world.holds("hours = 1"));
}

TEST_CASE("a webhook that is committed was heard, and one that is not believed was not") {
    Gateway gateway;
    Webhook forged = gateway.webhook("invoice.paid");
    forged.body += " ";
    CHECK(gateway.send(forged).status == 401);
    gateway.ingress.process().signal(SIGTERM);
    REQUIRE(gateway.ingress.process().wait() == 0);
    postgres::Connection owner = open(gateway.database.owner());
    owner.execute_script("set tollgate.tenant = '*'");
    const auto heard = [&] {
        return owner.execute("select count(*) from consumer.heard").only().get<std::int64_t>(0);
    };
    CHECK(heard() == 0);
    IngressProcess again{gateway.database.service("ingress").url, gateway.office.keys_file()};
    CHECK(again.send(gateway.webhook("invoice.paid")).status == 200);
    again.process().signal(SIGTERM);
    CHECK(again.process().wait() == 0);
    CHECK(heard() == 1);
}
