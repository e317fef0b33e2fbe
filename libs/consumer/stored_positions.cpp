#include "consumer/stored_positions.hpp"

#include <algorithm>

#include "postgres/error.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using kafka::Offset;
using kafka::TopicPartition;
using postgres::SqlError;
using postgres::Transaction;

constexpr std::chrono::milliseconds answer_max{5000};

// A topic that is being made anew, or a right that is being granted, is waited for.
Error waited_for(Error error) {
    if (error.code == ErrorCode::misconfigured) error.code = ErrorCode::unavailable;
    return error;
}

}  // namespace

Result<std::unique_ptr<StoredPositions>> StoredPositions::create(const kafka::ClientSettings& client,
                                                                 const std::string& group,
                                                                 std::string consumer, const Uuid& member,
                                                                 RuntimeMetrics& metrics) {
    auto admin = kafka::Admin::create(client);
    if (!admin) return std::unexpected{admin.error()};
    auto reader = kafka::LogReader::create(client, group);
    if (!reader) return std::unexpected{reader.error()};
    return std::unique_ptr<StoredPositions>{
        new StoredPositions{std::move(*admin), std::move(*reader), std::move(consumer), member, metrics}};
}

StoredPositions::StoredPositions(kafka::Admin admin, kafka::LogReader log, std::string consumer,
                                 const Uuid& member, RuntimeMetrics& metrics)
    : admin_{std::move(admin)},
      log_{std::move(log)},
      consumer_{std::move(consumer)},
      member_{member},
      metrics_{metrics} {}

Result<std::vector<Offset>> StoredPositions::take(postgres::Connection& connection,
                                                  std::span<const TopicPartition> partitions) {
    const auto cluster = admin_.cluster(answer_max);
    if (!cluster) return std::unexpected{waited_for(cluster.error())};
    cluster_ = cluster->id;
    auto standings = take_rows(connection, partitions, cluster->id);
    if (!standings) return std::unexpected{standings.error()};
    std::vector<Offset> starts;
    for (Standing& standing : *standings) {
        auto why = why_not_the_same_log(standing, cluster->id);
        if (why && !*why) why = what_went_unread(connection, standing);
        if (!why) return std::unexpected{why.error()};
        if (*why) {
            if (const auto begun = begin_again(connection, standing, cluster->id, **why); !begun)
                return std::unexpected{begun.error()};
            standing.next = kafka::from_the_earliest;
        }
        starts.push_back(standing.next);
    }
    look_whether_database_is_behind(*standings);
    return starts;
}

// From here on nobody else moves them. Synchronous: a crash of the server that forgot it would let the one
// before move again.
Result<std::vector<StoredPositions::Standing>> StoredPositions::take_rows(
    postgres::Connection& connection, std::span<const TopicPartition> partitions,
    const std::string& cluster) {
    return postgres::transact(connection, [&](Transaction& tx) {
        tx.execute(
            "select set_config('synchronous_commit', 'on', true) "
            "where current_setting('synchronous_commit') in ('off', 'local')");
        std::vector<Standing> standings;
        for (const TopicPartition& partition : partitions) {
            const auto rows = tx.execute(
                "insert into consumer.position (consumer, topic, partition, holder, epoch, cluster, next) "
                "values ($1, $2, $3, $4, 1, $5, $6) on conflict (consumer, topic, partition) do update "
                "set holder = excluded.holder, epoch = position.epoch + 1 "
                "returning epoch, cluster, next, last_id, earliest",
                consumer_, partition.topic, partition.partition, member_, cluster, kafka::from_the_earliest);
            auto [epoch, stored_cluster, next, last_id, earliest] =
                rows.only()
                    .as<std::int64_t, std::string, std::int64_t, std::optional<Uuid>,
                        std::optional<std::int64_t>>();
            epochs_[partition] = epoch;
            standings.push_back({.partition = partition,
                                 .epoch = epoch,
                                 .cluster = std::move(stored_cluster),
                                 .next = next,
                                 .last_id = last_id,
                                 .earliest = earliest});
        }
        return standings;
    });
}

Result<std::optional<std::string>> StoredPositions::why_not_the_same_log(const Standing& standing,
                                                                         const std::string& cluster) {
    if (standing.cluster != cluster) {
        return fmt::format("{} was read in cluster {}, and this is {}", standing.partition.text(),
                           standing.cluster, cluster);
    }
    if (standing.next <= 0 || !standing.last_id) return std::nullopt;
    const auto ends = log_.ends(standing.partition, answer_max);
    if (!ends) return std::unexpected{waited_for(ends.error())};
    // Said now, and not left to the fetch: by then the new log may have grown past it.
    if (standing.next > ends->high) {
        return fmt::format(
            "{} ends at {}, and was read up to {}: the topic was made anew, or has lost its end",
            standing.partition.text(), ends->high, standing.next);
    }
    const auto before = log_.read_at(standing.partition, standing.next - 1, answer_max);
    if (!before) return std::unexpected{waited_for(before.error())};
    // Dropped for its age: that shows when it is fetched from.
    if (!*before) return std::nullopt;
    const auto id = (*before)->header("ce_id");
    const auto parsed = id ? Uuid::parse(*id) : Result<Uuid>{};
    if (id && parsed && *parsed == *standing.last_id) return std::nullopt;
    return fmt::format(
        "{} has another record at {} than the one that was read there: the topic was made anew",
        standing.partition.text(), standing.next - 1);
}

// Of a partition that was to be read from its first record and of which nothing was done so far.
Result<std::optional<std::string>> StoredPositions::what_went_unread(postgres::Connection& connection,
                                                                     const Standing& standing) {
    if (standing.next != kafka::from_the_earliest) return std::nullopt;
    const auto ends = log_.ends(standing.partition, answer_max);
    if (!ends) return std::unexpected{waited_for(ends.error())};
    // Rows of before this was noted do not say.
    const Offset expected = standing.earliest.value_or(standing.epoch > 1 ? 0 : ends->low);
    if (ends->low > expected) {
        return fmt::format("{} was to be read from {}, its first record, and begins at {} by now",
                           standing.partition.text(), expected, ends->low);
    }
    if (standing.earliest) return std::nullopt;
    const auto noted = postgres::transact(connection, [&](Transaction& tx) {
        tx.execute(
            "update consumer.position set earliest = $1 where consumer = $2 and topic = $3 and partition = "
            "$4 and holder = $5 and epoch = $6",
            ends->low, consumer_, standing.partition.topic, standing.partition.partition, member_,
            standing.epoch);
    });
    if (!noted) return std::unexpected{noted.error()};
    return std::nullopt;
}

Result<void> StoredPositions::begin_again(postgres::Connection& connection, const Standing& standing,
                                          const std::string& cluster, const std::string& why) {
    const auto ends = log_.ends(standing.partition, answer_max);
    if (!ends) return std::unexpected{waited_for(ends.error())};
    auto begun = postgres::transact(connection, [&](Transaction& tx) {
        const auto set = tx.execute(
            "update consumer.position set cluster = $1, next = $2, earliest = $3, last_id = null, moved_at = "
            "clock_timestamp() "
            "where consumer = $4 and topic = $5 and partition = $6 and holder = $7 and epoch = $8",
            cluster, kafka::from_the_earliest, ends->low, consumer_, standing.partition.topic,
            standing.partition.partition, member_, standing.epoch);
        if (set.affected() != 1) {
            throw SqlError{ErrorCode::fenced, "TG001",
                           fmt::format("{} is another member's by now", standing.partition.text())};
        }
        tx.execute("select consumer.ask_for_refill($1, $2)", consumer_, why);
    });
    if (!begun) return begun;
    metrics_.log_replaced.Increment();
    log::error(
        "begins at the earliest record, and what is stored is refilled: the log is not the one of before",
        {{"consumer", consumer_}, {"partition", standing.partition.text()}, {"why", why}});
    return begun;
}

// What lag tools are told comes after our own commit, so it is never further unless the database went back.
void StoredPositions::look_whether_database_is_behind(std::span<const Standing> standings) {
    std::vector<TopicPartition> partitions;
    for (const Standing& standing : standings) partitions.push_back(standing.partition);
    const auto committed = log_.committed(partitions, answer_max);
    if (!committed) {
        log::warning("where the group stood is not known",
                     {{"consumer", consumer_}, {"error", committed.error()}});
        return;
    }
    for (std::size_t i = 0; i < standings.size(); ++i) {
        // One that begins again has another reason to.
        const bool begins_again = standings[i].next < 0 && standings[i].epoch > 1;
        if (!(*committed)[i] || begins_again || *(*committed)[i] <= standings[i].next) continue;
        metrics_.database_behind.Set(1);
        log::error(
            "the group was further than the stored position: this database is older than the world. What was "
            "sent since may be sent again",
            {{"consumer", consumer_},
             {"partition", standings[i].partition.text()},
             {"stored", standings[i].next},
             {"group", *(*committed)[i]}});
    }
}

void StoredPositions::move(Transaction& tx, std::span<const Reached> reached) {
    std::vector<std::string> topics;
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> epochs;
    std::vector<std::int64_t> nexts;
    std::vector<std::optional<Uuid>> ids;
    for (const Reached& each : reached) {
        topics.push_back(each.partition.topic);
        partitions.push_back(each.partition.partition);
        epochs.push_back(epochs_[each.partition]);
        nexts.push_back(each.next);
        ids.push_back(each.last_id);
    }
    // Locked in their order, so that two members never wait in a circle.
    const auto moved = tx.execute(
        "with mine as ("
        "  select p.topic, p.partition, r.next, r.last_id from consumer.position p "
        "  join unnest($3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::uuid[]) "
        "    r(topic, partition, epoch, next, last_id) "
        "  on p.topic = r.topic and p.partition = r.partition and p.epoch = r.epoch "
        "  where p.consumer = $1 and p.holder = $2 order by p.topic, p.partition for update of p"
        ") update consumer.position p set next = m.next, last_id = m.last_id, moved_at = clock_timestamp() "
        "from mine m where p.consumer = $1 and p.topic = m.topic and p.partition = m.partition",
        consumer_, member_, topics, partitions, epochs, nexts, ids);
    if (moved.affected() != reached.size()) {
        throw SqlError{ErrorCode::fenced, "TG001",
                       fmt::format("{} of {} partitions are another member's by now",
                                   reached.size() - moved.affected(), reached.size())};
    }
}

Result<Offset> StoredPositions::replace(postgres::Connection& connection, const kafka::OutOfRange& position) {
    const Standing standing{.partition = position.partition, .epoch = epochs_[position.partition]};
    const auto begun = begin_again(
        connection, standing, cluster_,
        fmt::format("{} has nothing at {}: {}", position.partition.text(), position.asked, position.why));
    if (!begun) return std::unexpected{begun.error()};
    return kafka::from_the_earliest;
}

void StoredPositions::let_go(std::span<const TopicPartition> partitions, bool /*lost*/) {
    for (const TopicPartition& partition : partitions) epochs_.erase(partition);
}

}  // namespace tollgate::consumer
