#include "support/consumer_member/table_positions.hpp"

namespace tollgate::test {

using kafka::Offset;
using kafka::TopicPartition;
using postgres::SqlError;
using postgres::Transaction;

void TablePositions::create_table(postgres::Connection& owner, const std::string& role) {
    owner.execute_script(fmt::format(
        "create table public.standing (consumer text, topic text, part integer, holder uuid, "
        "epoch bigint not null, next bigint not null, last_id uuid, primary key (consumer, topic, part));"
        "grant all on public.standing to {}",
        role));
}

Result<std::vector<Offset>> TablePositions::take(postgres::Connection& connection,
                                                 std::span<const TopicPartition> partitions) {
    return transact(connection, [&](Transaction& tx) {
        std::vector<Offset> starts;
        for (const TopicPartition& partition : partitions) {
            const auto rows = tx.execute(
                "insert into public.standing values ($1, $2, $3, $4, 1, $5) "
                "on conflict (consumer, topic, part) do update "
                "set holder = excluded.holder, epoch = standing.epoch + 1 returning epoch, next",
                consumer_, partition.topic, partition.partition, holder_, kafka::from_the_earliest);
            epochs_[partition] = rows.only().get<std::int64_t>(0);
            starts.push_back(rows.only().get<std::int64_t>(1));
        }
        story.push_back(fmt::format("took {}", partitions.size()));
        return starts;
    });
}

void TablePositions::move(Transaction& tx, std::span<const consumer::Reached> reached) {
    for (const consumer::Reached& each : reached) {
        const auto moved = tx.execute(
            "update public.standing set next = $1, last_id = $2 "
            "where consumer = $3 and topic = $4 and part = $5 and holder = $6 and epoch = $7",
            each.next, each.last_id, consumer_, each.partition.topic, each.partition.partition, holder_,
            epochs_[each.partition]);
        if (moved.affected() != 1)
            throw SqlError{ErrorCode::fenced, "", each.partition.text() + " is another member's by now"};
    }
}

Result<Offset> TablePositions::replace(postgres::Connection& /*connection*/,
                                       const kafka::OutOfRange& position) {
    replaced.push_back(position);
    return kafka::from_the_earliest;
}

void TablePositions::let_go(std::span<const TopicPartition> partitions, bool lost) {
    story.push_back(fmt::format("{} {}", lost ? "lost" : "let go", partitions.size()));
}

}  // namespace tollgate::test
