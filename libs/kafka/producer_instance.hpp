// One librdkafka producer from its start to its first failure. For the producer only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/client.hpp"
#include "kafka/delivery_window.hpp"
#include "kafka/producer.hpp"

struct rd_kafka_topic_s;

namespace tollgate::kafka {

class ProducerInstance {
public:
    static Result<std::unique_ptr<ProducerInstance>> start(const ProducerSettings& settings);
    ~ProducerInstance();
    ProducerInstance(const ProducerInstance&) = delete;
    ProducerInstance& operator=(const ProducerInstance&) = delete;

    // Overloaded, or taken: whatever else goes wrong becomes the failure.
    Result<void> send(Sequence sequence, const Record& record);

    // Until there is news or the time is over.
    void serve(std::chrono::milliseconds wait);

    const DeliveryWindow& window() const { return window_; }
    std::vector<Place> take_places() { return window_.take_places(); }
    std::optional<DeliveryFailure> failure() const;
    ProducerStatistics statistics() const;

    // The records of a refused batch, one of which is at fault.
    std::vector<Sequence> take_suspects() { return std::exchange(suspects_, {}); }

private:
    using Ticket = DeliveryWindow::Ticket;
    struct Cause {
        Ticket ticket;
        DeliveryFailure::Kind kind;
        Error why;
    };
    struct TopicDeleter {
        void operator()(rd_kafka_topic_s* topic) const noexcept;
    };
    struct Callbacks;  // what librdkafka calls while it is polled

    ProducerInstance() = default;

    rd_kafka_topic_s* topic(std::string_view name);
    int produce(const Record& record, Ticket ticket);
    void not_taken(Ticket ticket, int code, std::string_view topic);
    void report_success(Ticket ticket, std::int32_t partition, Offset offset, std::string_view topic);
    void report_failure(Ticket ticket, int code, std::string_view topic);
    void blame(Ticket ticket, DeliveryFailure::Kind kind, Error why);
    void note_fatal();
    void await_cause();

    Client client_;
    std::map<std::string, std::unique_ptr<rd_kafka_topic_s, TopicDeleter>, std::less<>> topics_;
    DeliveryWindow window_;
    std::size_t unreported_ = 0;  // taken by librdkafka, without a delivery report so far
    std::optional<Cause> cause_;  // of the first record, in the order of sending, that failed by itself
    std::optional<Cause> refused_here_;
    std::optional<Error> fatal_;
    std::vector<Sequence> suspects_;
    ProducerStatistics statistics_;
};

}  // namespace tollgate::kafka
