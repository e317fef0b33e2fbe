// A consumer at work in the background of a test.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "support/trial_consumer/trial_runtime.hpp"
#include "worlds.hpp"

namespace tollgate::test {

class Running {
public:
    explicit Running(const MemberSettings& settings, const TrialRuntime::Change& change = {});
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Ends it, as a stop of its process does; an error if it ended by itself.
    Result<void> stop();

    consumer::RuntimeMetrics& metrics() { return trial_.metrics(); }
    TrialHandler& handler() { return handler_; }

private:
    TrialHandler handler_;
    TrialRuntime trial_;
    Result<void> ended_;
    std::jthread thread_;  // last: it uses all of the above
};

// A row of consumer.work: "dead 1: cannot do 7", "held 0 unmapped: ...", ordered by the messages' ids.
std::vector<std::string> work(const World& world);
// An event of each body, in their order.
std::vector<archive::Event> bodies(const std::vector<std::string>& all);
std::vector<std::string> sorted(std::vector<std::string> all);
// The tables of trial consumers.
void make_trial_tables(const World& world);
bool comes_true(const std::function<bool()>& condition);
std::int64_t count(const World& world, const std::string& of);  // rows of a table, or of "table where ..."

}  // namespace tollgate::test
