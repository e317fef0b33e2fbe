// Of each consumer what is not done: dead, held, and not even taken up.
#include "consumer/waiting.hpp"
#include "tollgate/examination.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using consumer::Waiting;
using postgres::Connection;
using postgres::Transaction;

// As `tollgate audit` has it: what came later may still be under way.
constexpr std::chrono::minutes patience{5};

void examine_dead(const Examined& examined, Findings& findings) {
    for (const std::string consumer : {"enrichment", "billing", "delivery"}) {
        auto connection = Connection::open(examined.as("tollgate_" + consumer));
        if (!connection) {
            findings.failed("consumers", connection.error());
            continue;
        }
        // A role sees the rows of its own consumers alone.
        const auto counts = postgres::transact(*connection, [](Transaction& tx) {
            return tx
                .execute(
                    "select count(*) filter (where state = 'dead'), count(*) filter (where state = 'held') "
                    "from consumer.work where state in ('dead', 'held')")
                .only()
                .as<std::int64_t, std::int64_t>();
        });
        if (!counts) {
            findings.failed("consumers", counts.error());
            continue;
        }
        const auto& [dead, held] = *counts;
        if (dead > 0) {
            findings.weak("consumers", fmt::format("{}: {} dead messages", consumer, dead),
                          fmt::format("tollgate dead-letter groups --all-tenants --consumer {}", consumer));
        } else {
            findings.good("consumers", fmt::format("{}: none dead, {} held", consumer, held));
        }
    }
}

void judge_waiting(const std::string& consumer, const Waiting& waiting, std::int64_t connections,
                   Timestamp now, Findings& findings) {
    const std::string nobody = fmt::format(
        "start it: nobody is connected that runs it. One that does not come back is taken off by "
        "`tollgate consumer retire {}`",
        consumer);
    if (waiting.number > 0) {
        findings.weak("consumers",
                      fmt::format("{}: {} event{} not taken up, the oldest for {}{}", consumer,
                                  waiting.text(), waiting.number == 1 ? "" : "s",
                                  age_text(*waiting.oldest, now), waiting.has_more ? " and longer" : ""),
                      connections == 0
                          ? nobody
                          : "its log says what it waits for; `tollgate audit` tells of which hours they are");
    } else if (connections == 0) {
        findings.weak("consumers", fmt::format("{}: nobody runs it", consumer), nobody);
    } else {
        findings.good("consumers",
                      fmt::format("{}: nothing of the newest waits for more than 5 minutes", consumer));
    }
}

}  // namespace

void examine_consumers(const Examined& examined, Findings& findings) {
    examine_dead(examined, findings);
    look(examined, "tollgate_ingress", "consumers", findings, [&](Transaction& tx) {
        tx.execute("select set_config('tollgate.tenant', '*', true)");
        const auto now = tx.execute("select clock_timestamp()").only().get<Timestamp>(0);
        for (const auto& [name, connections] : consumer::count_connections(tx))
            judge_waiting(name, consumer::count_waiting(tx, name, now - patience), connections, now,
                          findings);
    });
}

}  // namespace tollgate
