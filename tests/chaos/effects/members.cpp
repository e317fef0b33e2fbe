#include "members.hpp"

#include <algorithm>
#include <array>
#include <csignal>

namespace tollgate::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int killed = 128 + SIGKILL;
constexpr std::size_t repeats_max = 20;
// Longer than a lease or a session.
constexpr milliseconds stopped_min{2200};
constexpr std::chrono::seconds killed_within{60};

}  // namespace

std::vector<std::string> Members::some_end() const {
    static constexpr std::array<std::string_view, 8> steps{"",      "",        "round", "prepare",
                                                           "apply", "applied", "due",   "committed"};
    const std::string_view step = steps.at(chance_() % steps.size());
    if (step.empty()) return {};
    constexpr int rounds_max = 40;
    constexpr int times_max = 6;
    const auto times = chance_() % (step == "round" ? rounds_max : times_max) + 1;
    return {std::string{step}, std::to_string(times)};
}

Members::Process Members::start() const {
    return {.process = world_.start_member(some_end())};
}

// By itself, at its step or because it was stopped for longer than its handler may take.
bool Members::has_ended(Process& member) {
    if (member.process->running()) return false;
    if (member.process->wait() == killed) ++kills_;
    return true;
}

// It is counted where its end is seen, once.
void Members::kill(const Process& member) {
    member.process->signal(SIGKILL);
}

void Members::see_the_end_of_all() {
    for (const Process& member : members_) member.process->wait();
    std::erase_if(members_, [&](Process& member) { return has_ended(member); });
}

void Members::tend() {
    for (Process& member : members_) {
        if (!member.stopped_until || steady_clock::now() < *member.stopped_until) continue;
        member.process->signal(SIGCONT);
        member.stopped_until.reset();
    }
    std::erase_if(members_, [&](Process& member) { return has_ended(member); });
    while (members_.size() < wanted_) members_.push_back(start());
}

std::string Members::kill_one() {
    kill(any());
    return "a member was killed";
}

std::string Members::kill_all() {
    for (const Process& member : members_) kill(member);
    see_the_end_of_all();
    world_.let_lapse();
    return "all members were killed";
}

// At the same place, so that messages are condemned which were there alone.
std::string Members::kill_again_and_again() {
    static_cast<void>(kill_all());
    constexpr int times = 5;
    for (int i = 0; i < times; ++i) {
        const auto member = world_.start_member({"applied", "1"});
        if (member->wait(killed_within) == killed) ++kills_;
        world_.let_lapse();
    }
    return fmt::format("a member was killed at the same place {} times", times);
}

std::string Members::stop_one() {
    Process& member = any();
    if (member.stopped_until) return "nothing: it stands still already";
    const milliseconds time = stopped_min + milliseconds{chance_() % 2500};
    member.process->signal(SIGSTOP);
    member.stopped_until = steady_clock::now() + time;
    return fmt::format("a member stands still for {} ms", time.count());
}

std::string Members::join_or_leave() {
    wanted_ = wanted_ == 2 ? 3 : 2;
    if (wanted_ == 3) return "a third member joined";
    any().process->signal(SIGTERM);
    return "a member left";
}

std::string Members::replace_relay() {
    if (world_.bus() != consumer::Bus::kafka) return kill_one();
    world_.replace_relay();
    ++kills_;
    return "the relay was killed";
}

std::string Members::repeat() {
    const auto ids = world_.published();
    if (ids.empty()) return "nothing: there is no event yet";
    const std::size_t times = chance_() % repeats_max + 1;
    for (std::size_t i = 0; i < times; ++i) world_.append_again(ids[chance_() % ids.size()]);
    repeats_ += times;
    return fmt::format("{} entries were put once more", times);
}

std::string Members::set_back() {
    if (world_.bus() != consumer::Bus::kafka) return repeat();
    world_.set_positions_back();
    return "positions were set back to the earliest";
}

std::string Members::let_lapse() {
    world_.let_lapse();
    return "the lease and all claims lapsed early";
}

std::string Members::cut() {
    world_.cut_sessions();
    return "all sessions were cut";
}

std::string Members::harm() {
    using Fault = std::string (Members::*)();
    // What kills is in it several times.
    static constexpr std::array<Fault, 14> faults{&Members::kill_one,
                                                  &Members::kill_one,
                                                  &Members::kill_one,
                                                  &Members::kill_all,
                                                  &Members::kill_again_and_again,
                                                  &Members::kill_all,
                                                  &Members::stop_one,
                                                  &Members::stop_one,
                                                  &Members::replace_relay,
                                                  &Members::repeat,
                                                  &Members::join_or_leave,
                                                  &Members::set_back,
                                                  &Members::let_lapse,
                                                  &Members::cut};
    if (members_.empty()) return "nothing: no member is there";
    return (this->*faults.at(chance_() % faults.size()))();
}

std::string Members::switch_bus() {
    std::optional<Process> left_behind;
    constexpr int one_in = 3;
    if (chance_() % one_in == 0 && !members_.empty()) {
        left_behind = std::move(members_.back());
        members_.pop_back();
        left_behind->process->signal(SIGSTOP);
        left_behind->stopped_until = steady_clock::now() + stopped_min;
    }
    const bool by_kill = chance_() % 2 == 0;
    for (const Process& member : members_) {
        member.process->signal(by_kill ? SIGKILL : SIGTERM);
        member.process->signal(SIGCONT);
    }
    see_the_end_of_all();
    world_.turn_to(world_.bus() == consumer::Bus::kafka ? consumer::Bus::journal : consumer::Bus::kafka);
    const std::string_view but = left_behind ? ", and a member of the other one stood still meanwhile" : "";
    if (left_behind) members_.push_back(std::move(*left_behind));
    return fmt::format("the bus was turned to {}{}", consumer::name(world_.bus()), but);
}

// Those that would end themselves at their step are replaced.
void Members::heal() {
    for (const Process& member : members_) kill(member);
    see_the_end_of_all();
    wanted_ = 2;
    while (members_.size() < wanted_) members_.push_back({.process = world_.start_member()});
}

}  // namespace tollgate::test
