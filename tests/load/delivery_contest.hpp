// Fifty channels that are told of the same events, at a pace that each of them allows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/benchmarks.hpp"
#include "load/latency.hpp"
#include "load/slack_stand_in.hpp"
#include "postgres/connection.hpp"
#include "support/service_process.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::load {

struct DeliveryRun {
    bool with_the_bad = false;
    std::size_t kills = 0;  // of the sender, in between
    std::chrono::seconds length{60};
};

struct Delivered {
    Latencies good;  // of the channels that are never bad: from the plan's commit to the call
    std::uint64_t offered = 0;
    std::uint64_t unsettled = 0;       // in the end
    std::uint64_t unknown = 0;         // settled as that
    std::uint64_t twice = 0;           // taken twice though no attempt's outcome was unknown
    double settled_after_seconds = 0;  // since the last was offered
};

class DeliveryContest {
public:
    explicit DeliveryContest(const Surroundings& surroundings);

    Delivered run(const DeliveryRun& wanted);

private:
    void make_channels();
    void start_sender();
    // Every channel is told of one more event. When its plan was committed, by its id.
    void offer();
    void settle(Delivered& delivered);
    void count(const std::vector<Arrival>& arrivals, Delivered& delivered);

    const Surroundings surroundings_;
    test::TemporaryFolder folder_;
    std::string keys_file_;
    SlackStandIn slack_;
    postgres::Connection owner_;
    postgres::Connection planner_;
    Uuid tenant_;
    std::map<std::string, std::chrono::steady_clock::time_point> planned_at_;
    std::optional<test::ServiceProcess> sender_;
};

}  // namespace tollgate::load
