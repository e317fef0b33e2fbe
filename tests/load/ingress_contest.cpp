#include "load/ingress_contest.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

#include <fmt/format.h>

namespace tollgate::load {

namespace {

// As many as the run could need at the very best: a run whose requests have all been sent ends early.
std::size_t requests_for(const Load& load, std::chrono::seconds ramp) {
    constexpr double per_second_max = 60'000;
    constexpr double bytes_per_second_max = 2e8;
    const double per_second = load.per_second.value_or(
        std::min(per_second_max, bytes_per_second_max / static_cast<double>(load.body_bytes)));
    return static_cast<std::size_t>(per_second * static_cast<double>((load.length + ramp).count())) + 1;
}

}  // namespace

IngressContest::IngressContest(const Surroundings& surroundings)
    : tables_{surroundings}, server_{surroundings}, seed_{std::random_device{}()} {
    run_ingress({.body_bytes = 1024, .connections = 64, .length = std::chrono::seconds{2}});
    pgbench_.emplace(Pgbench::like_newest_event(surroundings));
}

IngressRun IngressContest::run_ingress(const Load& load) {
    const std::chrono::seconds ramp{load.connections > 1 ? 1 : 0};
    TrafficSettings wanted = server_.traffic();
    wanted.body_bytes = load.body_bytes;
    wanted.requests = requests_for(load, ramp);
    // Who sends again has waited: both are not in one commit.
    wanted.repeats_after = 20 * load.connections;
    wanted.seed = ++seed_;
    const Traffic traffic{wanted};

    const Timestamp since = SystemClock{}.now();
    const IngressServer::Commits commits = server_.commits();
    const std::int64_t wal = tables_.wal_bytes();
    const double generator_cpu = usage_of("self").cpu_seconds;
    const double ingress_cpu = server_.usage().cpu_seconds;
    const double postgres_cpu = tables_.cpu_seconds();

    IngressRun run{.tally = load::run(traffic, {.port = server_.port(),
                                                .connections = load.connections,
                                                .ramp = ramp,
                                                .length = load.length,
                                                .per_second = load.per_second})};
    const auto requests = static_cast<double>(std::max<std::uint64_t>(run.tally.statuses[200], 1));
    run.generator_cpu = (usage_of("self").cpu_seconds - generator_cpu) / requests;
    run.ingress_cpu = (server_.usage().cpu_seconds - ingress_cpu) / requests;
    run.postgres_cpu = (tables_.cpu_seconds() - postgres_cpu) / requests;
    const IngressServer::Commits after = server_.commits();
    run.requests_per_commit =
        (after.requests - commits.requests) / std::max(after.count - commits.count, 1.0);
    const auto wal_after = static_cast<double>(tables_.wal_bytes() - wal);
    const std::uint64_t events = compare(run.tally, since);
    run.wal_bytes_per_event = wal_after / static_cast<double>(std::max<std::uint64_t>(events, 1));
    return run;
}

PgbenchRun IngressContest::run_pgbench(const PgbenchSettings& settings) {
    const std::int64_t wal = tables_.wal_bytes();
    const double cpu = tables_.cpu_seconds();
    PgbenchRun run = pgbench_->run(settings);
    run.wal_bytes_per_row = static_cast<double>(tables_.wal_bytes() - wal) / std::max(run.rows, 1.0);
    run.postgres_cpu_per_row = (tables_.cpu_seconds() - cpu) / std::max(run.rows, 1.0);
    return run;
}

std::uint64_t IngressContest::compare(const Tally& tally, Timestamp since) {
    const IngressTables::Stored stored = tables_.stored(tally, since);
    not_200_ += tally.not_200();
    for (const auto& [status, count] : tally.statuses) {
        if (status != 200) fmt::print(stderr, "ingress answered {} to {} requests\n", status, count);
    }
    if (tally.lost > 0) fmt::print(stderr, "{} requests had no answer\n", tally.lost);
    inexact_ += tally.contradictions;
    if (stored.is_exact()) return stored.events;
    const auto apart = [&](std::uint64_t count) {
        return std::max(count, stored.acknowledged) - std::min(count, stored.acknowledged);
    };
    inexact_ += std::max(
        {apart(stored.events), apart(stored.acknowledged_events), apart(stored.entries), apart(stored.keys)});
    fmt::print(
        stderr,
        "{} ids were acknowledged; of these {} are stored, and stored are {} events, {} entries, {} keys\n",
        stored.acknowledged, stored.acknowledged_events, stored.events, stored.entries, stored.keys);
    return stored.events;
}

}  // namespace tollgate::load
