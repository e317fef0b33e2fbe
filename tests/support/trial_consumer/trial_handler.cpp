#include "support/trial_consumer/trial_handler.hpp"

#include <array>
#include <csignal>
#include <sstream>
#include <stdexcept>

#include "core/pause.hpp"

namespace tollgate::test {

using consumer::Outcome;
using consumer::Task;
using postgres::Transaction;

namespace {

struct Order {
    std::string number;
    std::string trouble;
    int times = 1'000'000;
};

Order order_of(const Task& task) {
    Order order;
    std::istringstream words{task.message->value.value_or("")};
    words >> order.number >> order.trouble;
    if (int times = 0; words >> times) order.times = times;
    return order;
}

[[noreturn]] void hang() {
    for (;;) pause(std::chrono::hours{1}, {});
}

// As no handler should.
void swallow(Transaction& tx) {
    try {
        tx.execute("select 1 / $1::integer", std::int32_t{0});
    } catch (const postgres::SqlError&) {
    }
}

Outcome fails(const Order& order) {
    const std::string reason = "cannot do " + order.number;
    if (order.trouble == "retry") return consumer::RetryAfter{.reason = reason};
    if (order.trouble == "hold") return consumer::Hold{.cause = "unmapped", .reason = reason};
    return consumer::Reject{.reason = reason};
}

}  // namespace

void TrialHandler::create_tables(postgres::Connection& owner, const std::string& role) {
    owner.execute_script(
        fmt::format("create table public.shut (at timestamptz);"
                    "create table public.first (number integer primary key);"
                    "create table public.later (number integer references public.first (number) "
                    "deferrable initially deferred);"
                    "grant all on public.shut, public.later, public.first to {0}",
                    role));
}

Result<void> TrialHandler::prepare(std::span<const Task> batch,
                                   std::chrono::steady_clock::time_point /*end*/) {
    at_step("prepare");
    for (const Task& task : batch) {
        if (order_of(task).trouble == "unprepared") throw std::runtime_error{"cannot prepare"};
    }
    return {};
}

std::vector<Outcome> TrialHandler::apply(Transaction& tx, std::span<const Task> batch) {
    at_step("apply");
    std::vector<Outcome> outcomes;
    for (const Task& task : batch) {
        const Order order = order_of(task);
        if (order.trouble == "nonsense" && task.attempt <= order.times) continue;
        outcomes.push_back(run(tx, task));
    }
    at_step("applied");
    return outcomes;
}

Outcome TrialHandler::run(Transaction& tx, const Task& task) {
    const Order order = order_of(task);
    const bool fails_now = task.attempt <= order.times;
    if (order.trouble == "crash" && fails_now) raise(SIGKILL);
    if (order.trouble == "crash_later" && task.attempt > 1) raise(SIGKILL);
    if (order.trouble == "crash_later") return consumer::RetryAfter{.reason = "cannot do " + order.number};
    if (order.trouble == "hang" && fails_now) hang();
    if (fails_now && (order.trouble == "retry" || order.trouble == "hold")) return fails(order);
    tx.execute("insert into public.effect (event_id, value) values ($1, $2)", task.id, order.number);
    if (!fails_now) return consumer::Done{};
    if (order.trouble == "reject") return fails(order);
    if (order.trouble == "throw") throw std::runtime_error{"cannot do " + order.number};
    if (order.trouble == "data") tx.execute("select 1 / $1::integer", std::int32_t{0});
    if (order.trouble == "raise") tx.execute("do $$ begin raise exception 'not in balance'; end $$");
    if (order.trouble == "swallow") swallow(tx);
    if (order.trouble == "commit") tx.execute("insert into public.later values (7)");
    if (order.trouble == "locked" && !tx.execute("select from public.shut limit 1").empty())
        throw postgres::SqlError{ErrorCode::unavailable, "57P01", "terminating connection"};
    return consumer::Done{};
}

}  // namespace tollgate::test
