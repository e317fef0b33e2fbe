#include "load/kafka/bare_producer.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tollgate::load {

namespace {

constexpr int poll_ms = 10;
constexpr int flush_ms = 120'000;

// Those of an event that the benchmark fills the archive with; ce_id comes to it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> headers_of_all{{
    {"ce_specversion", "1.0"},
    {"ce_source", "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe"},
    {"ce_type", "stripe.invoice.payment_succeeded"},
    {"ce_time", "2026-11-21T03:11:00.123Z"},
    {"ce_tenant", "018f3b1c-7c5a-7000-8000-000000000001"},
    {"ce_schemaversion", "1.0"},
    {"content-type", "application/json"},
}};

void count_failure(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<std::uint64_t*>(opaque);
}

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
}

rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
    rd_kafka_vu_t made{};
    made.vtype = type;
    return made;
}

rd_kafka_vu_t bytes_argument(rd_kafka_vtype_t type, std::string_view bytes) {
    rd_kafka_vu_t made = argument(type);
    // librdkafka copies them, and does not write through the pointer.
    made.u.mem.ptr = const_cast<char*>(bytes.data());
    made.u.mem.size = bytes.size();
    return made;
}

}  // namespace

BareProducer::BareProducer(const std::string& brokers, const std::string& topic) {
    rd_kafka_conf_t* settings = rd_kafka_conf_new();
    std::array<char, 512> why{};
    for (const auto& [name, value] : {std::pair{"bootstrap.servers", brokers.c_str()},
                                      {"enable.idempotence", "true"},
                                      {"acks", "all"},
                                      {"compression.codec", "lz4"},
                                      {"partitioner", "murmur2_random"}}) {
        if (rd_kafka_conf_set(settings, name, value, why.data(), why.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error{why.data()};
    }
    rd_kafka_conf_set_dr_msg_cb(settings, count_failure);
    rd_kafka_conf_set_opaque(settings, &failed_);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, settings, why.data(), why.size());
    if (client_ == nullptr) throw std::runtime_error{why.data()};
    topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
}

BareProducer::~BareProducer() {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(client_);
}

void BareProducer::send(std::string_view id, std::string_view key, std::string_view value) {
    for (;;) {
        rd_kafka_headers_t* headers = rd_kafka_headers_new(headers_of_all.size() + 1);
        add(headers, "ce_id", id);
        for (const auto& [name, text] : headers_of_all) add(headers, name, text);
        std::array<rd_kafka_vu_t, 5> arguments{
            argument(RD_KAFKA_VTYPE_RKT), argument(RD_KAFKA_VTYPE_MSGFLAGS),
            bytes_argument(RD_KAFKA_VTYPE_KEY, key), bytes_argument(RD_KAFKA_VTYPE_VALUE, value),
            argument(RD_KAFKA_VTYPE_HEADERS)};
        arguments[0].u.rkt = topic_;
        arguments[1].u.i = RD_KAFKA_MSG_F_COPY;
        arguments[4].u.headers = headers;
        rd_kafka_error_t* failure = rd_kafka_produceva(client_, arguments.data(), arguments.size());
        if (failure == nullptr) break;
        const auto code = rd_kafka_error_code(failure);
        rd_kafka_error_destroy(failure);
        rd_kafka_headers_destroy(headers);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) throw std::runtime_error{rd_kafka_err2str(code)};
        rd_kafka_poll(client_, poll_ms);
    }
    rd_kafka_poll(client_, 0);
}

void BareProducer::flush() {
    const auto outcome = rd_kafka_flush(client_, flush_ms);
    if (outcome != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error{rd_kafka_err2str(outcome)};
    if (failed_ > 0) throw std::runtime_error{"records were not delivered"};
}

}  // namespace tollgate::load
