// Mixed traffic for as long as one likes, with faults in its first half: afterwards every event is settled,
// the books are clean, and no process has grown.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <utility>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "end_to_end/promises/world.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

using Chance = std::mt19937;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr || *text == '\0' ? otherwise : std::stoull(text);
}

// What a sanitizer keeps of what was freed would look like a leak. For the processes that are started.
void keep_little_of_what_was_freed() {
    // NOLINTBEGIN(concurrency-mt-unsafe): nobody else runs yet
    const char* options = std::getenv("ASAN_OPTIONS");
    const std::string all = fmt::format("{}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64",
                                        options == nullptr ? "" : options);
    setenv("ASAN_OPTIONS", all.c_str(), 1);
    // NOLINTEND(concurrency-mt-unsafe)
}

class Soak {
public:
    Soak(Way way, Chance& chance)
        : broker_{way == Way::with_kafka ? std::make_shared<OwnBroker>() : nullptr},
          world_{way, broker_},
          chance_{chance} {}

    // A round of each vendor's next events, some of them sent twice; what harms comes in the middle of it.
    template <typename Harm>
    void round(const Harm& harm) {
        keep_pace();
        std::vector<std::unique_ptr<ChildProcess>> senders;
        for (const std::string& vendor : vendors) {
            senders.push_back(world_.start_sending({.vendor = vendor,
                                                    .first = sent_ + 1,
                                                    .last = sent_ + events_each,
                                                    .each = 1 + static_cast<int>(chance_() % 2),
                                                    .until_taken = true}));
        }
        harm();
        for (const auto& each : senders) {
            std::set<int> taken;
            for (const SenderAnswer& answer : world_.answers(*each)) {
                if (answer.status == 200) taken.insert(answer.number);
            }
            REQUIRE(std::ssize(taken) == events_each);
        }
        sent_ += events_each;
    }

    void harm() {
        // The last two are for those who have a broker and services apart.
        switch (chance_() % (broker_ ? 6 : 4)) {
            case 0:
                world_.kill_ingress();
                world_.start_ingress();
                return;
            case 1:
                world_.cut_connections_to_postgres();
                return;
            case 2:
                refuse(1 + chance_() % 4);
                return;
            case 3:
                world_.stop(SIGTERM);
                world_.start();
                return;
            case 4:
                world_.kill_one_of_the_others(chance_());
                return;
            default:
                broker_->stop();
                broker_->start();
        }
    }

    // No more is sent than the channel's pace lets out.
    void keep_pace() {
        constexpr std::int64_t behind_most = 500;
        const auto behind = [&] {
            return world_.number("select count(*) from delivery.delivery where state = 'waiting'");
        };
        REQUIRE(wait_until([&] { return behind() <= behind_most; }, 120s));
    }

    // Fewer in a row than open its breaker, which stays open for longer than this test waits: of messages
    // that come after the last ones have gone through.
    void refuse(std::size_t times) {
        const bool is_calm = wait_until(
            [&] {
                return std::cmp_equal(world_.slack.answered("payments", refusal), refused_) &&
                       world_.number("select count(*) from delivery.delivery where state = 'sending'") +
                               world_.number("select count(*) from delivery.lane where failures > 0") ==
                           0;
            },
            10s);
        if (!is_calm) return;
        refused_ += times;
        world_.slack.refuse("payments", refusal, times);
    }

    // Of all its processes together, in bytes.
    std::int64_t memory() {
        settle();
        std::int64_t bytes = 0;
        for (const pid_t pid : world_.processes()) bytes += resident(pid);
        return bytes;
    }

    void settle() {
        world_.check_settled(sent_ * static_cast<int>(vendors.size()),
                             sent_ * static_cast<int>(payers.size()));
    }

    // Who was killed could not say what it answered last: that is shown, and nothing else.
    void check_books() {
        std::string other;
        const bool clean = wait_until(
            [&] {
                other.clear();
                std::istringstream lines{world_.shell("audit --json --audit-patience 1ms").out};
                for (std::string line; std::getline(lines, line);) {
                    const auto value = boost::json::parse(line);
                    if (value.at("kind") == "exception" && value.at("exception") != "gap") other += line;
                }
                return other.empty();
            },
            60s);
        INFO(other);
        CHECK(clean);
        CHECK(world_.shell("ledger check --all-tenants").code == 0);
    }

    World& world() { return world_; }
    int events() const { return sent_ * static_cast<int>(vendors.size()); }

private:
    static std::int64_t resident(pid_t pid) {
        std::ifstream file{fmt::format("/proc/{}/statm", pid)};
        std::int64_t all = 0;
        std::int64_t pages = 0;
        file >> all >> pages;
        return pages * sysconf(_SC_PAGESIZE);
    }

    static constexpr int events_each = 20;
    static inline const std::string refusal = "rollup_error";
    const std::shared_ptr<OwnBroker> broker_;
    World world_;
    Chance& chance_;
    int sent_ = 0;
    std::size_t refused_ = 0;
};

void soak(Way way) {
    const std::uint64_t seed = number_from("TOLLGATE_TEST_SOAK_SEED", std::random_device{}());
    const std::chrono::seconds length{number_from("TOLLGATE_TEST_SOAK_SECONDS", 40)};
    INFO("TOLLGATE_TEST_SOAK_SEED=" << seed);
    keep_little_of_what_was_freed();
    Chance chance{static_cast<Chance::result_type>(seed)};
    Soak soak{way, chance};
    const auto began = std::chrono::steady_clock::now();
    const auto has_lasted = [&](auto time) { return std::chrono::steady_clock::now() - began >= time; };
    do {
        soak.round([&] { soak.harm(); });
    } while (!has_lasted(length / 2));
    // What each process needs at all, it has by now.
    soak.world().stop(SIGTERM);
    soak.world().start();
    soak.round([] {});
    const std::int64_t before = soak.memory();
    do {
        soak.round([&] { soak.refuse(chance() % 4); });
    } while (!has_lasted(length));
    const std::int64_t after = soak.memory();
    constexpr std::int64_t mebibyte = 1 << 20;
    WARN(fmt::format("{} events, {} MiB in all processes, then {} MiB", soak.events(), before / mebibyte,
                     after / mebibyte));
    // Pools and caches fill up to their limits; a leak of a kilobyte an event would be more within minutes.
    CHECK(after < before + before / 5 + 32 * mebibyte);
    soak.check_books();
}

}  // namespace

TEST_CASE("mixed traffic with faults leaves clean books and no process that grows: alone on Postgres") {
    soak(Way::alone);
}
TEST_CASE("mixed traffic with faults leaves clean books and no process that grows: with Kafka") {
    soak(Way::with_kafka);
}
