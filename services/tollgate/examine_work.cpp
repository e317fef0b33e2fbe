// Whether somebody is at work, and what waits for people.
#include <algorithm>

#include "core/units.hpp"
#include "journal/watch.hpp"
#include "postgres/transaction.hpp"
#include "tollgate/examination.hpp"

namespace tollgate {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

constexpr std::chrono::minutes behind_for_long{5};

void examine_processes(Transaction& tx, Findings& findings) {
    const auto held = tx.execute(
        "select name from tollgate.lease where until >= clock_timestamp() "
        "order by name");
    if (held.empty()) {
        findings.weak("processes", "nobody holds a duty: nothing is running",
                      "tollgate up, or the services that your deployment has");
        return;
    }
    std::vector<std::string> names;
    for (const Row row : held) names.push_back(row.get<std::string>(0));
    if (std::ranges::find(names, "journal.keeper") == names.end()) {
        findings.weak("processes",
                      fmt::format("at work: {}; nobody keeps the journal", fmt::join(names, ", ")),
                      "its log says why; `tollgate migrate` after a dump was restored or pg_upgrade");
        return;
    }
    findings.good("processes", fmt::format("at work: {}", fmt::join(names, ", ")));
}

void examine_journal(Transaction& tx, const Examined& examined, Findings& findings) {
    const journal::State state = journal::read_state(tx);
    const std::uint64_t most = examined.journal.bytes_max.bytes;
    const std::string fill =
        fmt::format("{} of journal.bytes_max {}", rounded_size(state.bytes), rounded_size(most));
    std::string behind;
    for (const journal::ReaderState& reader : state.readers) {
        if (reader.behind_since && state.read_at - *reader.behind_since > behind_for_long)
            behind += (behind.empty() ? "" : ", ") + reader.name;
    }
    if (state.bytes > most) {
        findings.bad("journal", fill + ": ingress accepts nothing",
                     "tollgate reader list shows who is behind");
    } else if (!behind.empty()) {
        findings.weak(
            "journal", fmt::format("{}; behind for more than 5 minutes: {}", fill, behind),
            "start what reads by that name, or `tollgate reader retire` one that does not come back");
    } else {
        findings.good("journal", fill);
    }
}

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

void examine_destinations(Transaction& tx, Findings& findings) {
    const auto rows = tx.execute(
        "select t.slug, d.slug, l.broken_reason, "
        "(select count(*) from delivery.delivery w where (w.tenant, w.destination) = (d.tenant, "
        "d.destination)"
        " and w.state in ('dead', 'unknown')) "
        "from tenants.destination d join tenants.tenant t using (tenant) "
        "left join delivery.lane l using (tenant, destination) "
        "where d.disabled_at is null and t.disabled_at is null order by 1, 2");
    if (rows.empty()) {
        findings.good("destinations", "none yet: nobody is told of anything (tollgate destination create)");
        return;
    }
    std::size_t sound = 0;
    for (const Row row : rows) {
        const auto [tenant, slug, broken, open] =
            row.as<std::string, std::string, std::optional<std::string>, std::int64_t>();
        const std::string which = fmt::format("{} of {}", slug, tenant);
        if (broken) {
            findings.bad("destinations", fmt::format("{}: {}", which, *broken),
                         fmt::format("tollgate destination reconnect {} --tenant {} --secret-file FILE", slug,
                                     tenant));
        } else if (open > 0) {
            findings.weak("destinations", fmt::format("{}: {} deliveries dead or unknown", which, open),
                          fmt::format("tollgate delivery list --tenant {} --destination {}", tenant, slug));
        } else {
            ++sound;
        }
    }
    if (sound > 0) findings.good("destinations", fmt::format("{} of {} in order", sound, rows.size()));
}

// In one transaction of this role.
template <typename Look>
void look(const Examined& examined, const std::string& role, const std::string& about, Findings& findings,
          Look&& look) {
    auto connection = Connection::open(examined.as(role));
    if (!connection) {
        findings.failed(about, connection.error());
        return;
    }
    const auto looked = postgres::transact(*connection, [&](Transaction& tx) -> Result<void> {
        std::forward<Look>(look)(tx);
        return {};
    });
    if (!looked) findings.failed(about, looked.error());
}

}  // namespace

void examine_work(const Examined& examined, Findings& findings) {
    look(examined, "tollgate_ingress", "journal", findings, [&](Transaction& tx) {
        examine_processes(tx, findings);
        examine_journal(tx, examined, findings);
    });
    examine_dead(examined, findings);
    look(examined, "tollgate_delivery", "destinations", findings,
         [&](Transaction& tx) { examine_destinations(tx, findings); });
}

}  // namespace tollgate
