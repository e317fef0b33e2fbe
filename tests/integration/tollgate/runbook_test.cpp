// Every command of the runbook about dead letters, in its order, as whoever is on call gives them. Messages
// die because the product's own enrichment cannot do them, and the product's own consumers do them in the
// end.
#include <array>
#include <csignal>

#include <catch2/catch.hpp>

#include "journal/append.hpp"
#include "letters.hpp"
#include "on_call.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

// `tollgate up`, with all consumers in it, until it is let go.
class Product {
public:
    explicit Product(const Shell& shell, const ChildProcess::Environment& more = {})
        : process_{built("tollgate"), {"up"}, [&] {
                       auto environment = up_environment(shell.database().service("ingress").url);
                       environment["TOLLGATE_PROBES_PORT"] = std::to_string(probes_);
                       environment.insert(more.begin(), more.end());
                       return environment;
                   }()} {
        REQUIRE(wait_until([&] { return http_get(probes_, "/healthz/ready").status == 200; }, 60s));
    }
    ~Product() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    Product(const Product&) = delete;
    Product& operator=(const Product&) = delete;

private:
    const std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

// As ingress leaves an event: stored, and in the journal.
Uuid receive(const Shell& shell, const Uuid& tenant, int number) {
    const std::string body = fmt::format(
        R"({{"id":"evt_{0}","object":"event","type":"charge.succeeded","created":1790000000,"livemode":true,)"
        R"("data":{{"object":{{"id":"ch_{0}","object":"charge","amount":1000,"currency":"eur","paid":true,)"
        R"("status":"succeeded","payment_intent":"pi_{0}"}}}}}})",
        number);
    const Uuid id = make_event(shell, tenant, "charge.succeeded", body);
    postgres::Connection owner = open(shell.database().owner());
    const auto appended = transact(owner, [&](postgres::Transaction& tx) {
        journal::append(tx, std::array{journal::NewEntry{.tenant = tenant, .topic = "raw", .event_id = id}});
    });
    REQUIRE(appended.has_value());
    return id;
}

// The product runs while what enrichment makes of an event is refused, until so many have died of it.
void let_die(const Shell& shell, int dead) {
    const auto as_owner = [&](const std::string& sql) { open(shell.database().owner()).execute_script(sql); };
    as_owner("alter table archive.payment_event add constraint look_up_is_broken check (false) not valid");
    {
        const Product broken{shell,
                             {{"TOLLGATE_CONSUMER_RETRY_BASE", "10ms"},
                              {"TOLLGATE_CONSUMER_RETRY_CAP", "10ms"},
                              {"TOLLGATE_CONSUMER_RETRY_AGE_MAX", "50ms"}}};
        REQUIRE(wait_until([&] { return count(shell, "consumer.work where state = 'dead'") == dead; }, 60s));
        REQUIRE(wait_until([&] { return count(shell, "consumer.consumer where refill_after is null") == 3; },
                           60s));
    }
    as_owner("alter table archive.payment_event drop constraint look_up_is_broken");
}

}  // namespace

TEST_CASE("the runbook about dead letters does what it says, command by command") {
    const Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    OnCall on_call{shell};
    int number = 0;
    while (number < 5) on_call.knows("EVENT", receive(shell, acme, ++number).text());
    let_die(shell, 5);
    make_refused(shell, acme);
    const Ran groups = shell("dead-letter groups --all-tenants --consumer enrichment --json");
    on_call.knows("BEGAN", to_rfc3339(SystemClock{}.now() - std::chrono::hours{1}));
    on_call.knows("FINGERPRINT", json_text(groups.out, "fingerprint"));
    std::optional<Product> product;
    const auto blocks = blocks_of("deploy/runbooks/dead-letters.md");
    for (const std::string& block : blocks) {
        if (block.contains("replay watch")) product.emplace(shell);
        if (block.contains("replay abort")) {
            CHECK(wait_until([&] { return count(shell, "billing.payment where status = 'succeeded'") == 5; },
                             60s));
            product.reset();
            receive(shell, acme, ++number);
            let_die(shell, 1);
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
    CHECK(count(shell, "archive.payment_event") == 5);
    CHECK(count(shell, "consumer.work where state = 'discarded'") == 1);
    CHECK(count(shell, "consumer.work") == 1);
    CHECK(count(shell, "journal.refused where discarded_at is null") == 0);
}
