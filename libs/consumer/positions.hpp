// Where the members of a Kafka group stand: rows of the caller's, moved in the transaction of his work. What
// is committed to Kafka itself is for lag tools alone.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/uuid.hpp"
#include "kafka/consumer_group.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

// Everything below `next` is done.
struct Reached {
    kafka::TopicPartition partition;
    kafka::Offset next = 0;
    // The event of the last record below it; none if its headers do not tell.
    std::optional<Uuid> last_id;
};

// Called on the polling thread, from within the subscription's poll and commit, and as it goes.
class Positions {
public:
    virtual ~Positions() = default;

    // These are our member's now: from here on no move of another's goes through. Gives where to start, one
    // for each in the same order, kafka::from_the_earliest included. Nothing of them is fetched before. Asked
    // again for partitions that are ours already when a commit has failed.
    virtual Result<std::vector<kafka::Offset>> take(postgres::Connection& connection,
                                                    std::span<const kafka::TopicPartition> partitions) = 0;

    // In the transaction of the work, in the order of the partitions. Throws SqlError `fenced`, and so rolls
    // back, if another has taken one of them.
    virtual void move(postgres::Transaction& tx, std::span<const Reached> reached) = 0;

    // Where to go on instead of at a position that is not in the log.
    virtual Result<kafka::Offset> replace(postgres::Connection& connection,
                                          const kafka::OutOfRange& position) = 0;

    // Our member's no more. `lost`: another may be at work on them already.
    virtual void let_go(std::span<const kafka::TopicPartition> partitions, bool lost) = 0;
};

}  // namespace tollgate::consumer
