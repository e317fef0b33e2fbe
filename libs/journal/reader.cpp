#include "journal/reader.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace tollgate::journal {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Rows;
using postgres::SqlError;
using postgres::Transaction;

constexpr std::int64_t ticks_fetched_max = 256;

// What the old snapshot did not know yet, and the new one shows. One lower bound, because of two the index
// would begin its scan at either.
constexpr std::string_view newer_entries = R"sql(
    select xid, seq, tenant, topic, event_id, headers from journal.entry
    where (xid, seq) > ($1, $2) and xid < $3 and xid <> all ($4) and (cardinality($5) = 0 or topic = any ($5))
    order by xid, seq limit $6
)sql";

// What the old snapshot knew as in progress, and the new one shows: found one by one, so that a transaction
// that stays open costs nothing.
constexpr std::string_view late_entries = R"sql(
    select xid, seq, tenant, topic, event_id, headers from journal.entry
    where xid = any ($1) and (xid, seq) > ($2, $3) and (cardinality($4) = 0 or topic = any ($4))
    order by xid, seq limit $5
)sql";

Tick tick_of(const Row& row) {
    auto snapshot = Snapshot::parse(row.get<std::string_view>(1));
    if (!snapshot) throw SqlError{snapshot.error().code, "", snapshot.error().detail};
    return {.id = row.get<std::int64_t>(0),
            .snapshot = std::move(*snapshot),
            .last_seq = row.get<std::int64_t>(2)};
}

}  // namespace

Result<Reader> Reader::take(Connection& connection, ReaderIdentity identity,
                            std::vector<std::string> topics) {
    const auto taken = transact(connection, [&](Transaction& tx) -> Result<Position> {
        const Rows rows = tx.execute("select tick, xid, seq from journal.take_reader($1, $2, $3)",
                                     identity.name, identity.holder, identity.epoch);
        if (rows.empty()) {
            return fail(ErrorCode::not_found, "the journal has no reader \"{}\": it was retired",
                        identity.name);
        }
        return Position{.tick = rows[0].get<std::int64_t>(0),
                        .xid = rows[0].get<Xid>(1),
                        .seq = rows[0].get<std::int64_t>(2)};
    });
    if (!taken) return std::unexpected{taken.error()};
    try {
        Reader reader{connection, std::move(identity), std::move(topics), *taken};
        connection.execute_script("listen tollgate_ticked");
        const Rows rows = connection.execute(
            "select id, snapshot::text, last_seq from journal.tick where id = $1", reader.position_.tick);
        reader.ticks_.push_back(tick_of(rows.only()));
        return reader;
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

void Reader::fetch_ticks() {
    const Rows rows = connection_->execute(
        "select id, snapshot::text, last_seq from journal.tick where id > $1 order by id limit $2",
        ticks_.back().id, ticks_fetched_max);
    for (const Row row : rows) ticks_.push_back(tick_of(row));
}

// As many ticks as promise not to bring more than the limit; one at a time while one is read in pages.
std::size_t Reader::choose_last_tick(std::size_t limit) const {
    std::size_t last = 1;
    if (position_.seq > 0) return last;
    const std::int64_t within = ticks_.front().last_seq + static_cast<std::int64_t>(limit);
    while (last + 1 < ticks_.size() && ticks_[last + 1].last_seq <= within) ++last;
    return last;
}

std::vector<Entry> Reader::fetch_entries(std::size_t last_tick, std::size_t limit) {
    const Snapshot& old = ticks_.front().snapshot;
    const Snapshot& now = ticks_[last_tick].snapshot;
    std::vector<Entry> found;
    const auto collect = [&](const Rows& rows) {
        for (const Row row : rows) {
            const Xid xid = row.get<Xid>(0);
            // The first that shows it: all later ones do too.
            const auto first = std::partition_point(ticks_.begin() + 1, ticks_.end(), [&](const Tick& tick) {
                return !tick.snapshot.shows(xid);
            });
            found.push_back(
                {.after = {.tick = std::prev(first)->id, .xid = xid, .seq = row.get<std::int64_t>(1)},
                 .tenant = row.get<Uuid>(2),
                 .topic = row.get<std::string>(3),
                 .event_id = row.get<Uuid>(4),
                 .headers = row.get<std::optional<std::string>>(5)});
        }
    };
    std::vector<Xid> late;
    std::ranges::copy_if(old.in_progress, std::back_inserter(late), [&](Xid xid) { return now.shows(xid); });
    const auto room = [&] { return static_cast<std::int64_t>(limit - found.size()); };
    if (!late.empty()) {
        collect(connection_->execute(late_entries, late, position_.xid, position_.seq, topics_, room()));
    }
    if (room() > 0) {
        const auto [xid, seq] =
            std::max(std::pair{old.xmax, std::int64_t{0}}, std::pair{position_.xid, position_.seq});
        collect(connection_->execute(newer_entries, xid, seq, now.xmax, now.in_progress, topics_, room()));
    }
    return found;
}

Batch Reader::make_batch(std::vector<Entry> found, std::size_t last_tick, std::size_t limit) {
    if (found.size() > limit) {
        found.resize(limit);
        position_ = found.back().after;
    } else {
        std::ranges::sort(found, {}, &Entry::after);
        ticks_.erase(ticks_.begin(), ticks_.begin() + static_cast<std::ptrdiff_t>(last_tick));
        position_ = {.tick = ticks_.front().id, .xid = {}, .seq = 0};
    }
    return {.entries = std::move(found), .after = position_};
}

Result<std::optional<Batch>> Reader::next(std::size_t limit) {
    try {
        if (ticks_.size() == 1) fetch_ticks();
        if (ticks_.size() == 1) return std::nullopt;
        std::size_t last_tick = choose_last_tick(limit);
        // One more than asked for tells whether there are more.
        std::vector<Entry> found = fetch_entries(last_tick, limit + 1);
        if (found.size() > limit && last_tick > 1) {
            last_tick = 1;
            found = fetch_entries(last_tick, limit + 1);
        }
        return make_batch(std::move(found), last_tick, limit);
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

void Reader::move(Transaction& transaction, const Position& after) {
    if (&transaction.connection() != connection_) {
        throw std::logic_error{"a reader's move belongs into a transaction on the reader's own connection"};
    }
    transaction.execute("select journal.move_reader($1, $2, $3, $4, $5, $6)", identity_.name,
                        identity_.holder, identity_.epoch, after.tick, after.xid, after.seq);
}

}  // namespace tollgate::journal
