// The consumer's processes while they are killed, stopped and replaced, and what was done to them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "world.hpp"

namespace tollgate::test {

class Members {
public:
    Members(World& world, Chance& chance) : world_{world}, chance_{chance} {}

    // Starts what is missing, and continues those whose time has come.
    void tend();
    // One fault; gives it in words.
    std::string harm();
    // All end, in order or by a kill, and the bus is the other one. Perhaps not all: who stands still is in
    // nobody's way.
    std::string switch_bus();
    // From here on they work undisturbed.
    void heal();

    std::size_t kills() const { return kills_; }
    std::size_t repeats() const { return repeats_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Process {
        std::unique_ptr<ChildProcess> process;
        std::optional<SteadyTime> stopped_until{};
    };

    std::string kill_one();
    std::string kill_all();
    std::string kill_again_and_again();
    std::string stop_one();
    std::string join_or_leave();
    std::string replace_relay();
    std::string repeat();
    std::string set_back();
    std::string let_lapse();
    std::string cut();

    Process start() const;
    // Words of a step at which it ends itself, or none.
    std::vector<std::string> some_end() const;
    bool has_ended(Process& member);
    static void kill(const Process& member);
    void see_the_end_of_all();
    Process& any() { return members_[chance_() % members_.size()]; }

    World& world_;
    Chance& chance_;
    std::vector<Process> members_;
    std::size_t wanted_ = 2;
    std::size_t kills_ = 0;
    std::size_t repeats_ = 0;  // entries that were put once more
};

}  // namespace tollgate::test
