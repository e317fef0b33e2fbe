#include "kafka/admin_answers.hpp"

#include <array>

#include <librdkafka/rdkafka.h>

#include "kafka/client.hpp"
#include "kafka/errors.hpp"

namespace tollgate::kafka {

namespace {

using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;

// How long the broker itself may take; librdkafka says a minute unless told.
bool has_operation_timeout(int operation) {
    return operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_DELETETOPICS;
}

}  // namespace

void EventDeleter::operator()(rd_kafka_op_s* event) const noexcept {
    rd_kafka_event_destroy(event);
}

Result<AdminAnswer> ask_admin(
    rd_kafka_s* client, int operation, std::chrono::milliseconds deadline, std::string_view what,
    const std::function<void(const rd_kafka_AdminOptions_s*, rd_kafka_queue_s*)>& ask) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    const Options options{rd_kafka_AdminOptions_new(client, static_cast<rd_kafka_admin_op_t>(operation)),
                          &rd_kafka_AdminOptions_destroy};
    std::array<char, 512> why{};
    auto code = rd_kafka_AdminOptions_set_request_timeout(options.get(), as_timeout(deadline), why.data(),
                                                          why.size());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && has_operation_timeout(operation)) {
        code = rd_kafka_AdminOptions_set_operation_timeout(options.get(), as_timeout(deadline), why.data(),
                                                           why.size());
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected{to_error(code, what, why.data())};
    const Queue queue{rd_kafka_queue_new(client), &rd_kafka_queue_destroy};
    ask(options.get(), queue.get());
    // librdkafka answers by itself when the time is over; a second more, so that its sentence comes first.
    AdminAnswer answer{
        rd_kafka_queue_poll(queue.get(), as_timeout(left_until(end) + std::chrono::seconds{1}))};
    if (!answer) return fail(ErrorCode::timed_out, "{}: no answer within {} ms", what, deadline.count());
    const auto outcome = rd_kafka_event_error(answer.get());
    if (outcome != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return std::unexpected{to_error(outcome, what, rd_kafka_event_error_string(answer.get()))};
    }
    return answer;
}

}  // namespace tollgate::kafka
