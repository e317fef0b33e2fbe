#include "journal/tenure.hpp"

#include <string_view>
#include <utility>

namespace tollgate::journal {

namespace {

using postgres::Connection;
using postgres::SqlError;
using postgres::Transaction;

constexpr std::int16_t children = 3;

struct Look {
    std::int64_t drawn;
    Snapshot now;
};

Snapshot snapshot_of(std::string_view text) {
    auto snapshot = Snapshot::parse(text);
    if (!snapshot) throw SqlError{snapshot.error().code, "", snapshot.error().detail};
    return std::move(*snapshot);
}

// The snapshot is the statement's, and the sequence is read while it runs.
Result<Look> look(Connection& connection) {
    try {
        const auto rows =
            connection.execute("select s.last_value, pg_current_snapshot()::text from journal.entry_seq s");
        const auto [drawn, snapshot] = rows.only().as<std::int64_t, std::string_view>();
        return Look{.drawn = drawn, .now = snapshot_of(snapshot)};
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

}  // namespace

Result<Tenure> Tenure::begin(Connection& connection, const Uuid& holder, std::int64_t epoch) {
    const auto taken = transact(connection, [&](Transaction& tx) {
        tx.execute("select journal.take_keeping($1, $2)", holder, epoch);
    });
    if (!taken) return std::unexpected{taken.error()};
    const auto looked = look(connection);
    if (!looked) return std::unexpected{looked.error()};
    auto first = write_tick(connection, holder, epoch, looked->drawn);
    if (!first) return std::unexpected{first.error()};
    return Tenure{connection, holder, epoch, std::move(*first)};
}

Result<WrittenTick> Tenure::write_tick(Connection& connection, const Uuid& holder, std::int64_t epoch,
                                       std::int64_t drawn) {
    return transact(connection, [&](Transaction& tx) {
        const auto rows =
            tx.execute("select id, snapshot, last_seq, xid from journal.write_tick($1, $2)", holder, epoch);
        const auto [id, snapshot, last_seq, xid] =
            rows.only().as<std::int64_t, std::string_view, std::int64_t, Xid>();
        return WrittenTick{.tick = {.id = id, .snapshot = snapshot_of(snapshot), .last_seq = last_seq},
                           .xid = xid,
                           .drawn = drawn};
    });
}

Result<bool> Tenure::tick_if_due() {
    const auto looked = look(*connection_);
    if (!looked) return std::unexpected{looked.error()};
    if (!rule_.is_due(looked->drawn, looked->now)) return false;
    auto tick = write_tick(*connection_, holder_, epoch_, looked->drawn);
    if (!tick) return std::unexpected{tick.error()};
    rule_.written(std::move(*tick));
    return true;
}

// Nothing if it is empty now, else why it is not.
Result<std::optional<std::string>> Tenure::empty(std::int16_t child) {
    return transact(*connection_, [&](Transaction& tx) {
        return tx.execute("select journal.empty_child($1, $2, $3)", holder_, epoch_, child)
            .only()
            .get<std::optional<std::string>>(0);
    });
}

Result<Tenure::Tidied> Tenure::tidy(const RotationSettings& settings) {
    Tidied tidied;
    std::optional<std::string> blocked_by;
    const auto used = transact(*connection_, [](Transaction& tx) {
        // The oldest first: the one after the current one.
        const auto rows = tx.execute(
            "select ((s.child + n) % $1)::smallint from journal.state s, generate_series(1, $1 - 1) n "
            "where not journal.is_empty(((s.child + n) % $1)::smallint) order by n",
            children);
        std::vector<std::int16_t> found;
        for (const postgres::Row row : rows)
            found.push_back(static_cast<std::int16_t>(row.get<std::int32_t>(0)));
        return found;
    });
    if (!used) return std::unexpected{used.error()};
    for (const std::int16_t child : *used) {
        auto reason = empty(child);
        if (!reason) return std::unexpected{reason.error()};
        if (*reason) {
            blocked_by = fmt::format("child {}: {}", child, **reason);
            break;
        }
        ++tidied.emptied;
    }
    const auto rotation = transact(*connection_, [&](Transaction& tx) {
        const auto rows =
            tx.execute("select due, to_child is not null from journal.rotate($1, $2, $3, $4)", holder_,
                       epoch_, static_cast<std::int64_t>(settings.child_bytes_max), settings.child_age_max);
        return rows.only().as<bool, bool>();
    });
    if (!rotation) return std::unexpected{rotation.error()};
    const auto [due, done] = *rotation;
    tidied.rotated = done;
    if (due && !done) tidied.rotation_blocked_by = blocked_by.value_or("the next child is not empty");
    if (!done) return tidied;
    // At once, so that readers that find nothing move out of the child before.
    const auto looked = look(*connection_);
    if (!looked) return std::unexpected{looked.error()};
    auto tick = write_tick(*connection_, holder_, epoch_, looked->drawn);
    if (!tick) return std::unexpected{tick.error()};
    rule_.written(std::move(*tick));
    return tidied;
}

}  // namespace tollgate::journal
