// Every command of the runbook about dead letters, in its order, as whoever is on call gives them.
#include <thread>

#include <catch2/catch.hpp>

#include "core/pause.hpp"
#include "letters.hpp"
#include "on_call.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// As a member of enrichment: until it is told to stop, it is done with all that is due.
void work_off(const std::stop_token& stop, const Shell& shell) {
    postgres::Connection member = open(shell.database().service("enrichment"));
    while (!stop.stop_requested()) {
        member.execute("select consumer.carry_on_replays('enrichment')");
        member.execute("delete from consumer.work where consumer = 'enrichment' and state = 'retrying'");
        pause(std::chrono::milliseconds{20}, stop);
    }
}

}  // namespace

TEST_CASE("the runbook about dead letters does what it says, command by command") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_consumer(shell, "enrichment");
    const auto die = [&] {
        return make_letter(shell, {.tenant = acme,
                                   .consumer = "enrichment",
                                   .reason = "the look-up is broken",
                                   .id = make_event(shell, acme, "invoice.paid", "{}")});
    };
    OnCall on_call{shell};
    for (int i = 0; i < 5; ++i) on_call.knows("EVENT", die().text());
    make_refused(shell, acme);
    const Ran groups = shell("dead-letter groups --all-tenants --consumer enrichment --json");
    on_call.knows("BEGAN", to_rfc3339(SystemClock{}.now() - std::chrono::hours{1}));
    on_call.knows("FINGERPRINT", json_text(groups.out, "fingerprint"));
    std::jthread member;
    const auto blocks = blocks_of("deploy/runbooks/dead-letters.md");
    for (const std::string& block : blocks) {
        if (block.contains("replay watch"))
            member = std::jthread{[&](const std::stop_token& stop) { work_off(stop, shell); }};
        if (block.contains("replay abort")) {
            member = {};
            die();
            const Ran another =
                shell("dead-letter replay --all-tenants --consumer enrichment --execute --reason x");
            REQUIRE(another.code == 0);
            on_call.learns_replay();
        }
        const Ran ran = on_call.gives(block);
        INFO(block << ran.out << ran.err);
        CHECK(ran.code == 0);
        if (block.contains("--canary")) on_call.learns_replay();
    }
    CHECK(blocks.size() == 12);
    CHECK(count(shell, "consumer.replay_item where state = 'done'") == 5);
    CHECK(count(shell, "consumer.work where state = 'discarded'") == 1);
    CHECK(count(shell, "consumer.work") == 1);
    CHECK(count(shell, "journal.refused where discarded_at is null") == 0);
}
