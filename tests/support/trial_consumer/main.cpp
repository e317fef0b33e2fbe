// A consumer as a process that can be killed: test-trial-consumer BUS NAME URL ROLE BROKERS PREFIX [STEP
// COUNT]
//
// With a step it ends itself, as by kill -9, the COUNTth time that it gets there: "round" (each time round),
// "prepare", "apply", "applied" (of the handler), "committed".
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "support/trial_consumer/trial_runtime.hpp"

namespace tollgate::test {

namespace {

class Killer {
public:
    Killer(std::string step, int count) : step_{std::move(step)}, left_{count} {}

    void at(const std::string& step) {
        if (step == step_ && --left_ == 0) raise(SIGKILL);
    }

private:
    std::string step_;
    int left_;
};

int run(std::span<const std::string> words) {
    constexpr std::size_t with_step = 8;
    Killer killer{words.size() == with_step ? words[6] : "",
                  words.size() == with_step ? std::stoi(words[7]) : 0};
    TrialHandler handler;
    handler.at_step = [&](const std::string& step) { killer.at(step); };
    TrialRuntime trial{{.bus = words[0],
                        .name = words[1],
                        .database = {.url = Secret{words[2]}, .role = words[3]},
                        .brokers = words[4],
                        .topic_prefix = words[5]},
                       handler,
                       [&](const std::string& step) { killer.at(step); }};
    const auto ran = trial.runtime().run({});
    std::fputs(("ended: " + (ran ? "" : ran.error().text()) + "\n").c_str(), stdout);
    return 1;
}

}  // namespace

}  // namespace tollgate::test

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
    constexpr std::size_t wanted = 6;
    return words.size() == wanted || words.size() == wanted + 2 ? tollgate::test::run(words) : 2;
}
