#include "kafka/producer_instance.hpp"

#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/errors.hpp"
#include "telemetry/log.hpp"

namespace tollgate::kafka {

namespace {

std::string_view codec(Compression compression) {
    switch (compression) {
        case Compression::none:
            return "none";
        case Compression::lz4:
            return "lz4";
        case Compression::zstd:
            return "zstd";
    }
    std::unreachable();
}

Result<ClientConfiguration> configure(const ProducerSettings& settings) {
    auto configuration = ClientConfiguration::create(settings.client);
    if (!configuration) return configuration;
    const std::array<std::pair<std::string_view, std::string>, 12> properties{{
        {"enable.idempotence", "true"},
        // When a batch fails, the queue behind it stops: otherwise it would go on under a new epoch, and all
        // of it would be written before the batch is sent again.
        {"enable.gapless.guarantee", "true"},
        {"acks", "all"},
        // A record that times out in the queue would leave a gap. Brokers are waited for without end.
        {"message.timeout.ms", "0"},
        {"max.in.flight", fmt::format("{}", settings.requests_in_flight)},
        {"compression.codec", std::string{codec(settings.compression)}},
        {"linger.ms", fmt::format("{}", settings.linger.count())},
        {"partitioner", "murmur2_random"},
        {"queue.buffering.max.messages", fmt::format("{}", settings.queue_records_max)},
        {"queue.buffering.max.kbytes", fmt::format("{}", settings.queue_bytes_max / 1024)},
        {"message.max.bytes", fmt::format("{}", settings.record_bytes_max)},
        {"statistics.interval.ms", fmt::format("{}", settings.statistics_interval.count())},
    }};
    for (const auto& [name, value] : properties) {
        if (const auto good = configuration->set(name, value); !good) return std::unexpected{good.error()};
    }
    return configuration;
}

bool is_purge(int code) {
    return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

// Those of rd_kafka_produceva; an array of them instead of variable arguments.
rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
    rd_kafka_vu_t made{};
    made.vtype = type;
    return made;
}

rd_kafka_vu_t bytes_argument(rd_kafka_vtype_t type, std::string_view bytes) {
    rd_kafka_vu_t made = argument(type);
    // librdkafka copies them, and does not write through the pointer. An empty value is not a null one.
    made.u.mem.ptr = const_cast<char*>(bytes.empty() ? "" : bytes.data());
    made.u.mem.size = bytes.size();
    return made;
}

}  // namespace

void ProducerInstance::TopicDeleter::operator()(rd_kafka_topic_s* topic) const noexcept {
    rd_kafka_topic_destroy(topic);
}

// All of them run inside rd_kafka_poll, on the caller's thread.
struct ProducerInstance::Callbacks {
    static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) noexcept {
        auto& self = *static_cast<ProducerInstance*>(opaque);
        const auto ticket = static_cast<Ticket>(reinterpret_cast<std::uintptr_t>(message->_private));
        --self.unreported_;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            self.report_success(ticket, message->partition, message->offset,
                                rd_kafka_topic_name(message->rkt));
        } else {
            self.report_failure(ticket, message->err, rd_kafka_topic_name(message->rkt));
        }
    }

    static void troubled(rd_kafka_t*, int code, const char* reason, void* opaque) noexcept {
        auto& self = *static_cast<ProducerInstance*>(opaque);
        if (code == RD_KAFKA_RESP_ERR__FATAL) {
            self.note_fatal();
        } else {
            // "All brokers are down" follows the sentence that says why they are.
            std::string& trouble = self.statistics_.trouble;
            if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !trouble.empty()) return;
            trouble = to_error(code, "the Kafka producer", reason).text();
        }
    }

    static int counted(rd_kafka_t*, char* json, std::size_t size, void* opaque) noexcept {
        auto& self = *static_cast<ProducerInstance*>(opaque);
        if (const auto good = read_statistics({json, size}, self.statistics_); !good) {
            telemetry::log::warning("a producer's statistics are lost", {{"error", good.error()}});
        }
        return 0;  // librdkafka frees the text
    }
};

Result<std::unique_ptr<ProducerInstance>> ProducerInstance::start(const ProducerSettings& settings) {
    auto configuration = configure(settings);
    if (!configuration) return std::unexpected{configuration.error()};
    std::unique_ptr<ProducerInstance> instance{new ProducerInstance};
    rd_kafka_conf_t* native = configuration->native();
    rd_kafka_conf_set_opaque(native, instance.get());
    rd_kafka_conf_set_dr_msg_cb(native, Callbacks::delivered);
    rd_kafka_conf_set_error_cb(native, Callbacks::troubled);
    rd_kafka_conf_set_stats_cb(native, Callbacks::counted);
    auto client = std::move(*configuration).start(ClientConfiguration::Kind::producer);
    if (!client) return std::unexpected{client.error()};
    instance->client_ = std::move(*client);
    return instance;
}

ProducerInstance::~ProducerInstance() {
    if (!client_) return;
    // Requests under way would delay the end by up to a second.
    rd_kafka_purge(client_.get(),
                   RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    topics_.clear();  // librdkafka waits for the last of its objects
    client_.reset();
}

rd_kafka_topic_s* ProducerInstance::topic(std::string_view name) {
    const auto known = topics_.find(name);
    if (known != topics_.end()) return known->second.get();
    std::string text{name};
    rd_kafka_topic_t* made = rd_kafka_topic_new(client_.get(), text.c_str(), nullptr);
    if (made == nullptr) return nullptr;
    return topics_.emplace(std::move(text), made).first->second.get();
}

Result<void> ProducerInstance::send(Sequence sequence, const Record& record) {
    if (refused_here_) {
        return fail(ErrorCode::overloaded,
                    "record {} waits: record {} is refused, once those before it are done", sequence,
                    window_.sequence_of(refused_here_->ticket));
    }
    const Ticket ticket = window_.add(sequence);
    const int code = produce(record, ticket);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        window_.withdraw_last();
        return fail(ErrorCode::overloaded, "the producer's queue is full at {} records", window_.size());
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++unreported_;
    } else {
        not_taken(ticket, code, record.topic);
    }
    return {};
}

int ProducerInstance::produce(const Record& record, Ticket ticket) {
    rd_kafka_topic_t* native_topic = topic(record.topic);
    if (native_topic == nullptr) return rd_kafka_last_error();
    std::array<rd_kafka_vu_t, 8> arguments{};
    std::size_t count = 0;
    const auto add = [&](rd_kafka_vu_t made) -> rd_kafka_vu_t& { return arguments.at(count++) = made; };
    add(argument(RD_KAFKA_VTYPE_RKT)).u.rkt = native_topic;
    add(argument(RD_KAFKA_VTYPE_MSGFLAGS)).u.i = RD_KAFKA_MSG_F_COPY;
    add(argument(RD_KAFKA_VTYPE_OPAQUE)).u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket));
    if (record.partition) add(argument(RD_KAFKA_VTYPE_PARTITION)).u.i32 = *record.partition;
    if (record.key) add(bytes_argument(RD_KAFKA_VTYPE_KEY, *record.key));
    if (record.value) add(bytes_argument(RD_KAFKA_VTYPE_VALUE, *record.value));
    if (record.timestamp) {
        const auto since_epoch = record.timestamp->time_since_epoch();
        add(argument(RD_KAFKA_VTYPE_TIMESTAMP)).u.i64 =
            std::chrono::floor<std::chrono::milliseconds>(since_epoch).count();
    }
    NativeHeaders headers;
    if (!record.headers.empty()) {
        headers = to_native(record.headers);
        add(argument(RD_KAFKA_VTYPE_HEADERS)).u.headers = headers.get();
    }
    rd_kafka_error_t* failure = rd_kafka_produceva(client_.get(), arguments.data(), count);
    if (failure != nullptr) {
        // After a fatal error nothing is taken, and the code is then the fatal one: of what went wrong
        // before, not of this record.
        const bool fatal = rd_kafka_error_is_fatal(failure) != 0;
        const int code = fatal ? RD_KAFKA_RESP_ERR__FATAL : rd_kafka_error_code(failure);
        rd_kafka_error_destroy(failure);
        return code;
    }
    static_cast<void>(headers.release());  // taken over with the record
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void ProducerInstance::not_taken(Ticket ticket, int code, std::string_view topic) {
    Error why = to_error(code, fmt::format("topic {}", topic));
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        note_fatal();
    } else if (is_refusal(code)) {
        refused_here_ = Cause{ticket, DeliveryFailure::Kind::refused, std::move(why)};
    } else {
        blame(ticket, DeliveryFailure::Kind::broken, std::move(why));
    }
}

void ProducerInstance::report_success(Ticket ticket, std::int32_t partition, Offset offset,
                                      std::string_view topic) {
    if (offset >= 0) {
        window_.acknowledge(ticket, partition, offset);
        statistics_.trouble.clear();
        return;
    }
    // librdkafka takes the success of a later batch for that of an earlier one that failed. But a broker that
    // knows nothing of this producer yet accepts a later batch alone, so the earlier one may be lost. Only
    // what a broker gave an offset counts.
    blame(ticket, DeliveryFailure::Kind::broken,
          Error{ErrorCode::in_doubt, fmt::format("topic {}: acknowledged without an offset", topic)});
}

void ProducerInstance::report_failure(Ticket ticket, int code, std::string_view topic) {
    if (is_purge(code)) return;  // a consequence: the cause is told apart, or is a fatal error
    Error why = to_error(code, fmt::format("topic {}", topic));
    if (!is_refusal(code)) {
        blame(ticket, DeliveryFailure::Kind::broken, std::move(why));
    } else if (window_.size() == 1) {
        blame(ticket, DeliveryFailure::Kind::refused, std::move(why));
    } else {
        suspects_.push_back(window_.sequence_of(ticket));
        why.detail += "; it may be another record of its batch, they are sent again one by one";
        blame(ticket, DeliveryFailure::Kind::broken, std::move(why));
    }
}

void ProducerInstance::blame(Ticket ticket, DeliveryFailure::Kind kind, Error why) {
    if (!cause_ || ticket < cause_->ticket) cause_ = Cause{ticket, kind, std::move(why)};
}

void ProducerInstance::note_fatal() {
    std::array<char, 512> text{};
    const int code = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
    fatal_ = to_error(code, "the Kafka producer", text.data());
}

void ProducerInstance::serve(std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    const auto before = window_.acknowledged();
    do {
        rd_kafka_poll(client_.get(), as_timeout(left_until(end)));
    } while (window_.acknowledged() == before && !failure() && left_until(end).count() > 0);
    if (fatal_ && !cause_) await_cause();
}

void ProducerInstance::await_cause() {
    // A fatal error is told before the delivery reports of the batch that it stems from, which say what was
    // refused. They follow at once; the bound is for the fatal errors that have none.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (!cause_ && unreported_ > 0 && left_until(end).count() > 0) {
        rd_kafka_poll(client_.get(), as_timeout(left_until(end)));
    }
}

std::optional<DeliveryFailure> ProducerInstance::failure() const {
    if (cause_) return DeliveryFailure{cause_->kind, window_.sequence_of(cause_->ticket), cause_->why};
    if (fatal_) {
        const auto first = window_.front();
        return DeliveryFailure{DeliveryFailure::Kind::broken,
                               first ? window_.sequence_of(*first) : window_.acknowledged().value_or(0),
                               *fatal_};
    }
    if (refused_here_ && window_.front() == refused_here_->ticket) {
        return DeliveryFailure{DeliveryFailure::Kind::refused, window_.sequence_of(refused_here_->ticket),
                               refused_here_->why};
    }
    return std::nullopt;
}

ProducerStatistics ProducerInstance::statistics() const {
    ProducerStatistics now = statistics_;
    now.records_under_way = window_.size();
    return now;
}

}  // namespace tollgate::kafka
