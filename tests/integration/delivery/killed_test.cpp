// tollgate-delivery as it is shipped, killed and stopped while it sends: nothing is lost, and nothing is said
// twice but what is on record as unknown.
#include <fstream>
#include <map>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "consumer/bus.hpp"
#include "crypto/base64.hpp"
#include "integration/delivery/deliveries.hpp"
#include "integration/tenants/fixtures.hpp"
#include "support/child_process.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/slack_recorder/slack_recorder.hpp"
#include "support/temporary_folder.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Texts = std::vector<std::string>;

namespace {

constexpr int customers = 60;

Handed of_customer(int number) {
    v1::PaymentEvent event =
        payment_event(fmt::format("fact: FACT_SUBSCRIPTION_PAUSED category: CATEGORY_SUBSCRIPTION "
                                  "references {{ subscription_id: \"sub_{}\" }}",
                                  number));
    event.mutable_customer()->set_name(fmt::format("Customer {:02}", number));
    return {event};
}

class World : public Deliveries {
public:
    World() {
        destination(
            "recorder",
            R"({"sibling_wait_ms": 0, "messages_per_second": 100, "burst": 100, "channel": "C1", "storm_after": 0})");
        tell_everything("recorder");
        must(as_operator([](postgres::Transaction& tx) {
            return consumer::switch_bus(tx, admin(), consumer::Bus::journal,
                                        consumer::InTheWay::who_uses_the_bus, "for a test");
        }));
        std::string bytes = "k1";
        bytes.resize(32, '.');
        std::ofstream{keys()} << "k1 " << crypto::base64_encode(bytes) << "\n";
        ::chmod(keys().c_str(), 0600);
        slack.delay("C1", std::chrono::milliseconds{40});
    }

    ChildProcess::Environment environment() const {
        return {{"TOLLGATE_DATABASE_URL", delivery().url.reveal()},
                {"TOLLGATE_SEAL_KEYS_FILE", keys()},
                {"TOLLGATE_SLACK_API_URL", slack.api_url()},
                {"TOLLGATE_SLACK_CALL_TIMEOUT", "2s"},
                {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"},
                {"TOLLGATE_DELIVERY_LEASE", "5s"},
                {"TOLLGATE_DELIVERY_RETRY_BASE", "50ms"}};
    }

    SlackRecorder slack{{.messages_per_second = 1000, .burst = 1000}};

private:
    std::string keys() const { return (folder_.path() / "seal.keys").string(); }

    TemporaryFolder folder_;
};

struct Sending {
    explicit Sending(const World& world) : Sending{world.environment()} {}
    explicit Sending(const ChildProcess::Environment& environment)
        : process{built("tollgate-delivery"), {"--probes-port", std::to_string(probes)}, environment} {}

    std::uint16_t probes = free_port();
    ChildProcess process;
};

// How often each customer was told of.
std::map<std::string, int> told(const World& world) {
    std::map<std::string, int> counts;
    for (const auto& posted : world.slack.posted("C1")) {
        const std::string text{posted.message.at("text").as_string()};
        const auto at = text.find("Customer ");
        REQUIRE(at != std::string::npos);
        ++counts[text.substr(at, 11)];
    }
    return counts;
}

}  // namespace

TEST_CASE(
    "killed ten times and stopped beyond its lease, the sender loses nothing and repeats what it says it "
    "may") {
    World world;
    std::vector<Handed> events;
    for (int i = 0; i < customers; ++i) events.push_back(of_customer(i));
    // The rest comes while it runs.
    world.plan({events.begin(), events.begin() + 20});

    Sending stopped{world};
    for (int kill = 0; kill < 10; ++kill) {
        Sending killed{world};
        const auto before = world.slack.calls().size();
        const auto first = events.begin() + 20 + std::ptrdiff_t{kill} * 4;
        world.plan({first, first + 4});
        REQUIRE(wait_until([&] { return world.slack.calls().size() > before; }, std::chrono::seconds{60}));
        if (kill % 3 == 0) stopped.process.signal(SIGSTOP);
        killed.process.signal(SIGKILL);
        killed.process.wait();
        if (kill % 3 == 2) stopped.process.signal(SIGCONT);
    }
    stopped.process.signal(SIGCONT);
    const bool is_all_sent =
        wait_until([&] { return world.in_state("waiting") == 0 && world.in_state("sending") == 0; },
                   std::chrono::seconds{90});
    CAPTURE(world.rows("select row_to_json(l)::text from delivery.lane l"),
            world.rows("select concat_ws(' ', coalesce(outcome, 'under way'), count(*), max(reason)) "
                       "from delivery.attempt group by outcome"),
            stopped.process.err());
    REQUIRE(is_all_sent);
    CHECK(world.in_state("delivered") + world.in_state("unknown") == customers);
    CHECK(world.slack.complaints().empty());
    const auto counts = told(world);
    CHECK(counts.size() == static_cast<std::size_t>(customers));
    const Texts unknown = world.rows(
        "select 'Customer ' || lpad(substr(story_id, 5), 2, '0') from delivery.delivery where may_be_repeat");
    for (const auto& [customer, times] : counts) {
        INFO(customer);
        CHECK((times == 1 || (times == 2 && std::ranges::find(unknown, customer) != unknown.end())));
    }
}

TEST_CASE("a sender that cannot say at start that it is there says what it waits for, and goes on then") {
    World world;
    postgres::Connection owner = open(world.database().owner());
    owner.execute_script(
        "set idle_in_transaction_session_timeout = 0; begin; lock table consumer.consumer in exclusive mode");
    auto environment = world.environment();
    environment["TOLLGATE_DATABASE_LOCK_TIMEOUT"] = "100ms";
    Sending sending{environment};
    CHECK(wait_until([&] { return sending.process.err().contains("waiting for the database"); }));
    owner.execute_script("rollback");
    CHECK(wait_until([&] {
        return world.rows("select count(*)::text from consumer.consumer where name = 'delivery'") ==
               Texts{"1"};
    }));
    CHECK(sending.process.running());
}
