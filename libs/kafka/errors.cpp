#include "kafka/errors.hpp"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace tollgate::kafka {

namespace {

ErrorCode code_of(int code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
            return ErrorCode::too_large;
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
            return ErrorCode::refused;
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR__SSL:
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
        case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
        case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
        case RD_KAFKA_RESP_ERR__INVALID_ARG:
            return ErrorCode::misconfigured;
        case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
            return ErrorCode::conflict;
        case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
        case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
        case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
            return ErrorCode::contended;
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        case RD_KAFKA_RESP_ERR__FENCED:
            return ErrorCode::fenced;
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
            return ErrorCode::overloaded;
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
        case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
        case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            return ErrorCode::timed_out;
        default:
            return ErrorCode::unavailable;
    }
}

}  // namespace

std::string describe(int code) {
    const auto native = static_cast<rd_kafka_resp_err_t>(code);
    return fmt::format("{} ({})", rd_kafka_err2str(native), rd_kafka_err2name(native));
}

Error to_error(int code, std::string_view what, std::string_view detail) {
    return Error{code_of(code),
                 fmt::format("{}: {}", what, detail.empty() ? describe(code) : std::string{detail})};
}

bool is_refusal(int code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:  // over record_bytes_max here, or the topic's limit there
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:    // the same from brokers that say it so
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:  // over the topic's segment size
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:     // the broker's validation, such as a compacted topic's key
        case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:  // outside what the topic allows; ours does not change
            return true;
        // Never: authorisation, a missing topic (operators cure both), CORRUPT_MESSAGE (the network's work as
        // likely as the record's) and UNSUPPORTED_FOR_MESSAGE_FORMAT (the topic's fault, and every record's).
        default:
            return false;
    }
}

}  // namespace tollgate::kafka
