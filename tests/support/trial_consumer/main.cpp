// A consumer as a process that can be killed:
//
//   test-trial-consumer BUS NAME URL ROLE BROKERS PREFIX [STEP COUNT] [NAME=MILLISECONDS...]
//
// With a step it ends itself, as by kill -9, the COUNTth time that it gets there: "round" (each time round),
// "prepare", "apply", "applied" (of the handler), "due_prepare", "due" (before and after it, for rows that
// were due alone), "committed". With "stop:STEP" it stops itself there instead, and says "goes on" once it
// was continued and comes round again. Of what takes time: session, deadline, age (of retries). SIGTERM ends
// it in order.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/trial_consumer/trial_runtime.hpp"

namespace tollgate::test {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t words_of_member = 6;

struct Orders {
    std::string step;
    int count = 0;
    std::map<std::string, milliseconds> times;

    milliseconds time(const std::string& name, milliseconds otherwise) const {
        const auto found = times.find(name);
        return found == times.end() ? otherwise : found->second;
    }
};

Orders orders_in(std::span<const std::string> words) {
    Orders orders;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals != std::string::npos) {
            orders.times[word.substr(0, equals)] = milliseconds{std::stol(word.substr(equals + 1))};
        } else if (orders.step.empty()) {
            orders.step = word;
        } else {
            orders.count = std::stoi(word);
        }
    }
    return orders;
}

// What the process does to itself at its step.
class Fate {
public:
    explicit Fate(const Orders& orders) : step_{orders.step}, left_{orders.count} {
        constexpr std::string_view stops = "stop:";
        if (!step_.starts_with(stops)) return;
        step_.erase(0, stops.size());
        signal_ = SIGSTOP;
    }

    void at(const std::string& step) {
        if (stopped_ && step == "round") {
            stopped_ = false;
            std::fputs("goes on\n", stdout);
            std::fflush(stdout);
        }
        if (step != step_ || --left_ != 0) return;
        stopped_ = true;
        raise(signal_);
    }

private:
    std::string step_;
    int left_;
    int signal_ = SIGKILL;
    bool stopped_ = false;
};

// Tells of rows that are due apart from what the stream has brought.
class TellingOfDue final : public consumer::Handler {
public:
    TellingOfDue(TrialHandler& handler, Fate& fate) : handler_{handler}, fate_{fate} {}

    bool prepares() const override { return handler_.prepares(); }
    Result<void> prepare(std::span<const consumer::Task> batch,
                         std::chrono::steady_clock::time_point end) override {
        if (is_due(batch)) fate_.at("due_prepare");
        return handler_.prepare(batch, end);
    }
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override {
        auto outcomes = handler_.apply(tx, batch);
        if (is_due(batch)) fate_.at("due");
        return outcomes;
    }

private:
    static bool is_due(std::span<const consumer::Task> batch) {
        return batch.front().attempt > 1 || batch.front().cause != consumer::Cause::stream;
    }

    TrialHandler& handler_;
    Fate& fate_;
};

// Asks for the end when SIGTERM comes, which all threads that are started later leave to this one.
std::jthread listen_for_end(std::stop_source& stop) {
    sigset_t only_term;
    sigemptyset(&only_term);
    sigaddset(&only_term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &only_term, nullptr);
    return std::jthread{[only_term, &stop](const std::stop_token& ended) {
        const timespec a_moment{.tv_sec = 0, .tv_nsec = 50'000'000};
        while (!ended.stop_requested()) {
            if (sigtimedwait(&only_term, nullptr, &a_moment) == SIGTERM) stop.request_stop();
        }
    }};
}

int run(std::span<const std::string> words) {
    const Orders orders = orders_in(words.subspan(words_of_member));
    std::stop_source stop;
    const std::jthread listener = listen_for_end(stop);
    Fate fate{orders};
    TrialHandler trial_handler;
    trial_handler.at_step = [&](const std::string& step) { fate.at(step); };
    TellingOfDue handler{trial_handler, fate};
    TrialRuntime trial{
        {.bus = words[0],
         .name = words[1],
         .database = {.url = Secret{words[2]}, .role = words[3], .application_name = "trial consumer"},
         .brokers = words[4],
         .topic_prefix = words[5],
         .session = orders.time("session", MemberSettings{}.session)},
        handler,
        [&](const std::string& step) { fate.at(step); },
        [&](consumer::RuntimeSettings& settings) {
            settings.handler_deadline = orders.time("deadline", settings.handler_deadline);
            settings.retries.age_max = orders.time("age", settings.retries.age_max);
        }};
    const auto ran = trial.runtime().run(stop.get_token());
    if (ran) return 0;
    std::fputs(("ended: " + ran.error().text() + "\n").c_str(), stdout);
    return 1;
}

}  // namespace

}  // namespace tollgate::test

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
    return words.size() >= tollgate::test::words_of_member ? tollgate::test::run(words) : 2;
}
