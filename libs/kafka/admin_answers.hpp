// Asks a broker for an administrative thing and waits for its answer. For `Admin` only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "core/result.hpp"

struct rd_kafka_s;
struct rd_kafka_op_s;
struct rd_kafka_queue_s;
struct rd_kafka_AdminOptions_s;

namespace tollgate::kafka {

struct EventDeleter {
    void operator()(rd_kafka_op_s* event) const noexcept;
};
// rd_kafka_event_t
using AdminAnswer = std::unique_ptr<rd_kafka_op_s, EventDeleter>;

// `ask` enqueues the request; `what` begins the error's sentence. The options carry the deadline to
// librdkafka. `operation` is one of rd_kafka_admin_op_t.
Result<AdminAnswer> ask_admin(
    rd_kafka_s* client, int operation, std::chrono::milliseconds deadline, std::string_view what,
    const std::function<void(const rd_kafka_AdminOptions_s*, rd_kafka_queue_s*)>& ask);

}  // namespace tollgate::kafka
