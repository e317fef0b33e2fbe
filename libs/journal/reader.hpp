// Reads the journal in its order: tick by tick, and within one by transaction, then by seq. The position
// belongs to whoever does the work: it moves in the work's own transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/uuid.hpp"
#include "journal/tick_rule.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

// All ticks up to `tick` were read, and of the next one what is not above (xid, seq).
struct Position {
    std::int64_t tick = 0;
    Xid xid;
    std::int64_t seq = 0;

    auto operator<=>(const Position&) const = default;
};

struct Entry {
    Position after;  // where a reader stands that has read this entry
    Uuid tenant;
    std::string topic;
    Uuid event_id;
    std::optional<std::string> headers;  // a JSON object
};

struct Batch {
    std::vector<Entry> entries;  // may be empty: there was a tick, and nothing in it for this reader
    Position after;
};

struct ReaderIdentity {
    std::string name;
    Uuid holder;
    std::int64_t epoch = 0;  // of the lease that the holder has
};

class Reader {
public:
    // Fences whoever read before, and begins where that one got to. `fenced` if somebody of a later epoch
    // reads, `not_found` if nobody of that name is registered.
    //
    // It lasts until anything fails: a step of its own, or the transaction of the work. Then take it again.
    // It must not outlive the connection, because ticks that a crash of the server forgets are written again
    // with other snapshots.
    static Result<Reader> take(postgres::Connection& connection, ReaderIdentity identity,
                               std::vector<std::string> topics = {});  // none: all of them

    // What comes after the batch before; nothing if there is no new tick. At most `limit` entries. Not inside
    // of a transaction, which would keep the children from being emptied until it ends.
    Result<std::optional<Batch>> next(std::size_t limit);

    // In the transaction of the work, which must be on the same connection. Throws SqlError `fenced`, and so
    // rolls back, if somebody else reads by now. A reader that finds nothing for itself moves too, now and
    // then: what it has not passed is kept for it.
    void move(postgres::Transaction& transaction, const Position& after);

    // Until a new tick was told of, or the end of the pause; which of both. What is told may be lost, though
    // hardly ever: look now and then all the same. Throws SqlError when the line is lost.
    bool wait(std::chrono::milliseconds pause) { return connection_->wait_for_notification(pause); }

private:
    Reader(postgres::Connection& connection, ReaderIdentity identity, std::vector<std::string> topics,
           const Position& position)
        : connection_{&connection},
          identity_{std::move(identity)},
          topics_{std::move(topics)},
          position_{position} {}

    void fetch_ticks();
    std::size_t choose_last_tick(std::size_t limit) const;
    std::vector<Entry> fetch_entries(std::size_t last_tick, std::size_t limit);
    Batch make_batch(std::vector<Entry> found, std::size_t last_tick, std::size_t limit);

    postgres::Connection* connection_;
    ReaderIdentity identity_;
    std::vector<std::string> topics_;
    Position position_;
    std::deque<Tick> ticks_;  // from the position's on
};

}  // namespace tollgate::journal
