// Dead letters by the hundred thousand, and a consumer that is done with whatever it is given, so that what
// is measured is the replay.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "consumer/replay_jobs.hpp"
#include "consumer/runtime.hpp"
#include "load/database.hpp"

namespace tollgate::load {

// As an operator looks at it and orders it.
extern const tenants::Actor replay_operator;

class ReplayContest {
public:
    explicit ReplayContest(const Surroundings& surroundings);
    ~ReplayContest();
    ReplayContest(const ReplayContest&) = delete;
    ReplayContest& operator=(const ReplayContest&) = delete;

    // In place of what was there: so many, of several tenants and reasons.
    void fill_letters(std::uint64_t letters);
    void start_consumer();
    void stop_consumer();

    // Messages in a second, from the order until the job is at its end.
    double replay_all(const consumer::ReplaySettings& settings);
    // Seconds from the order to pause until nothing of the replay is under way any more. Ends it.
    double pause_in_the_middle();

    postgres::Connection& operators() { return operators_; }
    postgres::Connection& owner() { return owner_; }

private:
    class Consumer;

    consumer::ReplayJob order(const consumer::ReplaySettings& settings);
    consumer::ReplayJob show(const Uuid& id);

    const Surroundings& surroundings_;
    postgres::Connection owner_;
    postgres::Connection operators_;
    std::unique_ptr<Consumer> consumer_;
};

}  // namespace tollgate::load
