#include "kafka/log_reader.hpp"

#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/broker_offsets.hpp"
#include "kafka/client.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/errors.hpp"
#include "kafka/partition_list.hpp"

namespace tollgate::kafka {

namespace {

// Fetching for nothing ends with it, on every way out.
class Assignment {
public:
    Assignment(rd_kafka_t* client, const PartitionOffset& start) : client_{client} {
        failure_ = rd_kafka_assign(client_, make_list(std::span{&start, 1}).get());
    }
    ~Assignment() { rd_kafka_assign(client_, nullptr); }
    Assignment(const Assignment&) = delete;
    Assignment& operator=(const Assignment&) = delete;

    rd_kafka_resp_err_t failure() const { return failure_; }

private:
    rd_kafka_t* client_;
    rd_kafka_resp_err_t failure_;
};

// Of what the log says instead of giving a record.
bool says_there_is_none(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR__PARTITION_EOF || code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
           code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
}

bool may_pass(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
           code == RD_KAFKA_RESP_ERR__RESOLVE;
}

}  // namespace

Result<LogReader> LogReader::create(const ClientSettings& settings, const std::string& group) {
    if (const auto good = validate(settings); !good) return std::unexpected{good.error()};
    auto configuration = ClientConfiguration::create(settings);
    if (!configuration) return std::unexpected{configuration.error()};
    const std::array<std::pair<std::string_view, std::string_view>, 7> properties{{
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"enable.partition.eof", "true"},
        // One record is wanted: neither half a second of hope for more, nor 64 MiB of what follows. (To ask
        // for one message ahead would be worse: librdkafka then backs off for 100 ms before each read.)
        {"fetch.wait.max.ms", "10"},
        {"queued.max.messages.kbytes", "4096"},
    }};
    for (const auto& [name, value] : properties) {
        if (const auto good = configuration->set(name, value); !good) return std::unexpected{good.error()};
    }
    auto client = std::move(*configuration).start(ClientConfiguration::Kind::consumer);
    if (!client) return std::unexpected{client.error()};
    rd_kafka_poll_set_consumer(client->get());
    return LogReader{std::move(*client)};
}

Result<std::optional<ReceivedRecord>> LogReader::read_at(const TopicPartition& partition, Offset offset,
                                                         std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    const std::string what = fmt::format("read {} at {}", partition.text(), offset);
    // Asked first, because a consumer waits for topics that do not exist.
    const auto log = watermarks_of(client_.get(), partition, deadline);
    if (!log) return std::unexpected{log.error().within(what)};
    if (offset < log->low || offset >= log->high) return std::nullopt;

    const Assignment assignment{client_.get(), {partition, offset}};
    if (assignment.failure() != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return std::unexpected{to_error(assignment.failure(), what)};
    }
    do {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), as_timeout(left_until(end)));
        if (message == nullptr) continue;
        const rd_kafka_resp_err_t outcome = message->err;
        if (outcome == RD_KAFKA_RESP_ERR_NO_ERROR) {
            ReceivedRecord record{client_, message};
            // Compaction and the marks of transactions leave holes; what comes behind one was not asked for.
            if (record.offset() != offset) return std::nullopt;
            return std::optional{std::move(record)};
        }
        rd_kafka_message_destroy(message);
        if (says_there_is_none(outcome)) return std::nullopt;
        if (!may_pass(outcome)) return std::unexpected{to_error(outcome, what)};
    } while (left_until(end).count() > 0);
    return fail(ErrorCode::timed_out, "{}: no answer within {} ms", what, deadline.count());
}

Result<Watermarks> LogReader::ends(const TopicPartition& partition, std::chrono::milliseconds deadline) {
    return watermarks_of(client_.get(), partition, deadline);
}

Result<std::vector<std::optional<Offset>>> LogReader::committed(std::span<const TopicPartition> partitions,
                                                                std::chrono::milliseconds deadline) {
    return committed_offsets(client_.get(), partitions, deadline);
}

}  // namespace tollgate::kafka
