// How fast webhooks are accepted, beside pgbench that writes the same rows alone.
#include <cstdio>
#include <map>

#include "ingress/group_commit.hpp"
#include "load/ingress_contest.hpp"
#include "load/measure.hpp"

namespace tollgate::load {

namespace {

constexpr std::size_t rounds = 3;
// In which pgbench gets its connections open.
constexpr std::chrono::seconds shortest_run{2};

struct Contender {
    std::size_t body_bytes;
    std::size_t connections;
    bool in_batches;             // what pgbench does beside it
    std::optional<double> goal;  // how many times as many as pgbench
};

// The first is the one that others are measured against.
constexpr std::array contenders{
    Contender{1024, 512, true, 0.5},
    Contender{1024, 64, false, 3},
    Contender{4096, 512, true, std::nullopt},
    Contender{4096, 64, false, 2},
    Contender{16'384, 512, true, std::nullopt},
    Contender{16'384, 64, false, std::nullopt},
};

Figure figure(std::string name, double value, std::string unit, Better better,
              std::optional<double> baseline = std::nullopt, std::optional<double> goal = std::nullopt) {
    fmt::print(stderr, "{}: {:.4g} {}\n", name, value, unit);
    return {.name = std::move(name),
            .value = value,
            .unit = std::move(unit),
            .better = better,
            .baseline = baseline,
            .goal = goal};
}

double milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double, std::milli>{duration}.count();
}

std::string name_of(std::size_t body_bytes, std::size_t connections) {
    return fmt::format("{} kB, {} connections", body_bytes / 1024, connections);
}

class Measurement {
public:
    explicit Measurement(const Surroundings& surroundings)
        : extent_{surroundings.extent}, contest_{surroundings} {}

    Figures all() {
        for (const Contender& contender : contenders) compete(contender);
        for (const std::size_t body_bytes : {1024UZ, 4096UZ}) add_half_rate(body_bytes);
        add_lone_client();
        add_filled();
        figures_.push_back(figure("answers other than 200", static_cast<double>(contest_.not_200()), "",
                                  Better::lower, std::nullopt, 0));
        figures_.push_back(figure("rows that are not exactly what was acknowledged",
                                  static_cast<double>(contest_.inexact()), "rows", Better::lower,
                                  std::nullopt, 0));
        return std::move(figures_);
    }

private:
    double memory() const { return static_cast<double>(contest_.server().usage().resident_bytes) / 1e6; }

    // The larger the body, the less its figures matter, and the run takes some minutes.
    std::chrono::seconds length(std::size_t body_bytes) const {
        return body_bytes <= 1024 ? extent_.run : std::max(extent_.run / 2, shortest_run);
    }

    IngressRun run_ingress(const Contender& contender) {
        contest_.tables().empty();
        return contest_.run_ingress({.body_bytes = contender.body_bytes,
                                     .connections = contender.connections,
                                     .length = length(contender.body_bytes)});
    }

    PgbenchRun run_pgbench(const Contender& contender, double requests_per_commit) {
        contest_.tables().empty();
        const std::size_t committers = ingress::GroupCommitSettings{}.committers;
        const auto batch = static_cast<std::size_t>(std::max(1.0, requests_per_commit + 0.5));
        return contest_.run_pgbench({.body_bytes = contender.body_bytes,
                                     .rows_per_transaction = contender.in_batches ? batch : 1,
                                     .connections = contender.in_batches ? committers : contender.connections,
                                     .length = length(contender.body_bytes)});
    }

    void compete(const Contender& contender) {
        std::vector<double> accepted;
        std::vector<double> answered;
        std::vector<double> bare;
        IngressRun ours;
        PgbenchRun theirs;
        const auto run_rival = [&] {
            theirs = run_pgbench(contender, ours.requests_per_commit);
            bare.push_back(theirs.rows_per_second);
        };
        for (std::size_t round = 0; round < (contender.body_bytes <= 4096 ? rounds : 1); ++round) {
            // Who goes first changes, but pgbench must know the size of ingress' batches.
            if (round == 1) run_rival();
            ours = run_ingress(contender);
            accepted.push_back(ours.tally.accepted_per_second());
            answered.push_back(ours.tally.answered_per_second());
            if (round != 1) run_rival();
        }
        const double rate = median(accepted);
        double& highest = rates_[contender.body_bytes];
        highest = std::max(highest, median(answered));
        const std::string name = name_of(contender.body_bytes, contender.connections);
        const std::string rival = contender.in_batches
                                      ? fmt::format("pgbench in batches of {:.0f}", ours.requests_per_commit)
                                      : "pgbench one by one";
        figures_.push_back(figure(fmt::format("{}: accepted, against {}", name, rival), rate, "events/s",
                                  Better::higher, median(bare)));
        figures_.push_back(figure(fmt::format("{}: times pgbench", name), rate / median(bare), "x",
                                  Better::higher, 1, contender.goal));
        add_costs(name, ours, theirs);
    }

    void add_costs(const std::string& name, const IngressRun& ours, const PgbenchRun& theirs) {
        const auto add = [&](const char* what, double value, const char* unit,
                             std::optional<double> baseline = std::nullopt) {
            figures_.push_back(figure(name + ": " + what, value, unit, Better::lower, baseline));
        };
        add("p50", milliseconds(ours.tally.latencies.percentile(50)), "ms");
        add("p99", milliseconds(ours.tally.latencies.percentile(99)), "ms");
        add("WAL of an event, against pgbench", ours.wal_bytes_per_event, "B", theirs.wal_bytes_per_row);
        add("CPU of Postgres for a request, against pgbench", 1e6 * ours.postgres_cpu, "us",
            1e6 * theirs.postgres_cpu_per_row);
        add("CPU of ingress for a request", 1e6 * ours.ingress_cpu, "us");
        add("CPU of the generator for a request", 1e6 * ours.generator_cpu, "us");
    }

    Latencies bare_commits(std::size_t body_bytes) {
        contest_.tables().empty();
        return contest_
            .run_pgbench({.body_bytes = body_bytes,
                          .length = std::max(extent_.run / 4, shortest_run),
                          .latencies = true})
            .latencies;
    }

    void add_half_rate(std::size_t body_bytes) {
        const double rate = rates_[body_bytes] / 2;
        contest_.tables().empty();
        const IngressRun run = contest_.run_ingress(
            {.body_bytes = body_bytes, .connections = 512, .length = length(body_bytes), .per_second = rate});
        const Latencies bare = bare_commits(body_bytes);
        for (const double percent : {50.0, 99.0}) {
            const double ours = milliseconds(run.tally.latencies.percentile(percent));
            const double theirs = milliseconds(bare.percentile(percent));
            const std::string name =
                fmt::format("{} kB at {:.0f} requests/s: p{}", body_bytes / 1024, rate, percent);
            figures_.push_back(figure(name + ", against a bare commit's", ours, "ms", Better::lower, theirs));
            figures_.push_back(
                figure(name + ", times a bare commit's", ours / theirs, "x", Better::lower, 1));
        }
    }

    void add_lone_client() {
        std::vector<double> ours;
        std::vector<double> theirs;
        const std::chrono::seconds run_length = std::max(extent_.run / 4, shortest_run);
        for (std::size_t round = 0; round < rounds; ++round) {
            contest_.tables().empty();
            ours.push_back(milliseconds(contest_.run_ingress({.connections = 1, .length = run_length})
                                            .tally.latencies.percentile(50)));
            theirs.push_back(milliseconds(bare_commits(1024).percentile(50)));
        }
        figures_.push_back(figure("a lone client's p50, 1 kB, against a bare commit's", median(ours), "ms",
                                  Better::lower, median(theirs)));
        figures_.push_back(figure("a lone client's p50, times a bare commit's", median(ours) / median(theirs),
                                  "x", Better::lower, 1, 1.5));
    }

    void add_filled() {
        contest_.tables().empty();
        contest_.tables().fill(extent_.rows);
        std::vector<double> filled;
        const Contender& contender = contenders.front();
        double memory_before = 0;
        for (std::size_t round = 0; round < rounds; ++round) {
            contest_.tables().checkpoint();
            if (round == 1) memory_before = memory();
            filled.push_back(contest_
                                 .run_ingress({.body_bytes = contender.body_bytes,
                                               .connections = contender.connections,
                                               .length = length(contender.body_bytes)})
                                 .tally.accepted_per_second());
        }
        const double none = figures_.front().value;
        const std::string name = fmt::format("{} with {} million events stored",
                                             name_of(contender.body_bytes, contender.connections),
                                             static_cast<double>(extent_.rows) / 1e6);
        figures_.push_back(figure(name + ", against none", median(filled), "events/s", Better::higher, none));
        figures_.push_back(figure(name + ", times none", median(filled) / none, "x", Better::higher, 1, 0.8));
        figures_.push_back(figure("memory of ingress after these runs, against after the first of them",
                                  memory(), "MB", Better::lower, memory_before, 1.1 * memory_before));
    }

    const Extent extent_;
    IngressContest contest_;
    Figures figures_;
    std::map<std::size_t, double> rates_;  // the highest, in requests, by size
};

}  // namespace

Result<Figures> ingress(const Surroundings& surroundings) {
    return Measurement{surroundings}.all();
}

}  // namespace tollgate::load
