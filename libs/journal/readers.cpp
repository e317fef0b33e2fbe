#include "journal/readers.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>

#include "core/nearest.hpp"

namespace tollgate::journal {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

// Nothing in it grows with the number of entries: positions and ticks are found by their indexes, and what
// lies between is reckoned from the sequence.
constexpr std::string_view states = R"sql(
    select r.name, r.holder, r.epoch, p.tick, p.xid, p.seq,
            greatest(s.last_value - here.last_seq, 0), beyond.at, r.registered_at
        from journal.entry_seq s, journal.reader r
        cross join lateral (select * from journal.position p where p.reader = r.name
                            order by p.tick desc, p.xid desc, p.seq desc limit 1) p
        join journal.tick here on here.id = p.tick
        left join journal.tick beyond on beyond.id = p.tick + 1
        order by r.name
)sql";

}  // namespace

Result<bool> register_reader(Connection& connection, const std::string& name) {
    return transact(connection, [&](Transaction& tx) {
        return tx.execute("select journal.register_reader($1)", name).only().get<bool>(0);
    });
}

std::vector<ReaderState> list_readers(Transaction& tx) {
    std::vector<ReaderState> readers;
    for (const Row row : tx.execute(states)) {
        readers.push_back({.name = row.get<std::string>(0),
                           .holder = row.get<std::optional<Uuid>>(1),
                           .epoch = row.get<std::int64_t>(2),
                           .position = {.tick = row.get<std::int64_t>(3),
                                        .xid = row.get<Xid>(4),
                                        .seq = row.get<std::int64_t>(5)},
                           .unread = row.get<std::int64_t>(6),
                           .behind_since = row.get<std::optional<Timestamp>>(7),
                           .registered_at = row.get<Timestamp>(8)});
    }
    return readers;
}

Result<std::vector<ReaderState>> list_readers(Connection& connection) {
    return transact(connection, [](Transaction& tx) { return list_readers(tx); });
}

Result<ReaderState> retire_reader(Transaction& tx, const std::string& name, bool with_unread) {
    const auto readers = list_readers(tx);
    const auto found = std::ranges::find(readers, name, &ReaderState::name);
    if (found == readers.end()) {
        return fail(ErrorCode::not_found, "the journal has no reader \"{}\"{}", name,
                    did_you_mean(name, readers | std::views::transform(&ReaderState::name)));
    }
    if ((found->unread > 0 || found->behind_since) && !with_unread) {
        return fail(ErrorCode::conflict,
                    "reader \"{}\" has about {} entries still to read, which it would never see", name,
                    found->unread);
    }
    tx.execute("select journal.retire_reader($1)", name);
    return *found;
}

Result<ReaderState> retire_reader(Connection& connection, const std::string& name, bool with_unread) {
    return transact(connection, [&](Transaction& tx) { return retire_reader(tx, name, with_unread); });
}

}  // namespace tollgate::journal
