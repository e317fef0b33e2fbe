// Whether somebody is at work, and what waits for people.
#include <algorithm>

#include "consumer/bus.hpp"
#include "core/units.hpp"
#include "journal/watch.hpp"
#include "relay/service.hpp"
#include "tollgate/examination.hpp"

namespace tollgate {

namespace {

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
    const auto is_held = [&](std::string_view lease) {
        return std::ranges::find(names, lease) != names.end();
    };
    if (!is_held("journal.keeper")) {
        findings.weak("processes",
                      fmt::format("at work: {}; nobody keeps the journal", fmt::join(names, ", ")),
                      "its log says why; `tollgate migrate` after a dump was restored or pg_upgrade");
        return;
    }
    // Without it nothing comes to Kafka, and so to nobody.
    if (consumer::read_bus(tx).bus == consumer::Bus::kafka && !is_held(relay::reader_name)) {
        findings.weak(
            "processes",
            fmt::format("at work: {}; nobody relays what is stored to Kafka", fmt::join(names, ", ")),
            "start tollgate-relay, or `tollgate up` with kafka.brokers; its log says what it waits for");
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

}  // namespace

void examine_work(const Examined& examined, Findings& findings) {
    look(examined, "tollgate_ingress", "journal", findings, [&](Transaction& tx) {
        examine_processes(tx, findings);
        examine_journal(tx, examined, findings);
    });
    examine_consumers(examined, findings);
    look(examined, "tollgate_delivery", "destinations", findings,
         [&](Transaction& tx) { examine_destinations(tx, findings); });
}

}  // namespace tollgate
