// From raw events to the ledger, through the processes as they are shipped, on either bus.
#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "archive/schema.hpp"
#include "billing/schema.hpp"
#include "consumer/schema.hpp"
#include "enrichment/schema.hpp"
#include "integration/relay/fixtures.hpp"
#include "journal/keeper.hpp"
#include "journal/schema.hpp"
#include "providers/catalogue.hpp"
#include "support/http_get.hpp"
#include "support/wait.hpp"
#include "tenants/schema.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

postgres::Schemas all_of_it() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &tenants::schema(),
                                    &journal::schema(),  &consumer::schema(), &enrichment::schema(),
                                    &billing::schema()};
    return schemas;
}

class Running {
public:
    Running(const std::string& program, const ChildProcess::Environment& environment)
        : process_{built(program), {"--probes-port", std::to_string(probes_)}, environment} {
        const auto is_ready = [&] { return http_get(probes_, "/healthz/ready").status == 200; };
        if (!wait_until(is_ready, std::chrono::seconds{60}))
            throw std::runtime_error{program + " does not start: " + process_.err()};
    }

private:
    std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

// One of each type that a provider's samples have, in the order of the samples.
std::vector<archive::Event> every_sample() {
    std::vector<archive::Event> events;
    for (const providers::Provider* const provider : providers::all()) {
        for (const providers::Sample& sample : provider->samples) {
            archive::Event made = event("key", std::string{sample.body});
            made.provider = provider->name;
            made.type = sample.type;
            made.mode = "live";
            events.push_back(std::move(made));
        }
    }
    return events;
}

std::int64_t number(Pipeline& pipeline, const std::string& sql) {
    postgres::Connection owner = pipeline.owner();
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner.execute(sql).only().get<std::int64_t>(0);
}

void check_that_all_is_booked(Pipeline& pipeline, const ChildProcess::Environment& environment) {
    const Running enrichment{"tollgate-enrichment", environment};
    const Running billing{"tollgate-billing", environment};
    const auto events = every_sample();
    pipeline.put(events);
    const auto done = [&] {
        return number(pipeline, "select count(*) from consumer.inbox where consumer = 'billing'") ==
               static_cast<std::int64_t>(events.size());
    };
    REQUIRE(wait_until(done, std::chrono::seconds{60}));
    CHECK(number(pipeline, "select count(*) from consumer.work") == 0);
    CHECK(number(pipeline, "select count(*) from billing.payment where status = 'succeeded'") > 0);
    CHECK(number(pipeline, "select count(*) from billing.subscription") > 0);
    CHECK(number(pipeline, "select count(*) from billing.invoice") > 0);
    CHECK(number(pipeline, "select count(*) from billing.entry") > 0);
    CHECK(number(pipeline, "select count(*) from billing.disagreement") == 0);
    CHECK(number(pipeline,
                 "select count(*) from (select from billing.balance group by tenant, is_test, currency "
                 "having sum(balance_minor) <> 0) unbalanced") == 0);
}

}  // namespace

TEST_CASE("what providers send is booked, over the journal") {
    Pipeline pipeline{shared_broker(), all_of_it()};
    pipeline.turn_to(consumer::Bus::journal);
    telemetry::Metrics metrics;
    const journal::Keeper keeper{pipeline.settings("ingress"), {}, make_uuid_v4(), metrics};
    auto environment = pipeline.environment();
    environment.erase("TOLLGATE_KAFKA_BROKERS");
    check_that_all_is_booked(pipeline, environment);
}

TEST_CASE("what providers send is booked, over Kafka") {
    Pipeline pipeline{shared_broker(), all_of_it()};
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    check_that_all_is_booked(pipeline, pipeline.environment());
}
