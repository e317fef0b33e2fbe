#include "kafka/producer.hpp"

#include <utility>

#include "kafka/client.hpp"
#include "kafka/producer_instance.hpp"
#include "telemetry/log.hpp"

namespace tollgate::kafka {

Result<Producer> Producer::create(ProducerSettings settings) {
    if (const auto good = validate(settings); !good) return std::unexpected{good.error()};
    auto instance = ProducerInstance::start(settings);
    if (!instance) return std::unexpected{instance.error()};
    return Producer{std::move(settings), std::move(*instance)};
}

Producer::Producer(ProducerSettings settings, std::unique_ptr<ProducerInstance> instance)
    : settings_{std::move(settings)}, instance_{std::move(instance)} {}

Producer::~Producer() = default;
Producer::Producer(Producer&& other) noexcept = default;
Producer& Producer::operator=(Producer&& other) noexcept = default;

Result<void> Producer::send(Sequence sequence, const Record& record) {
    if (const auto failure = instance_->failure()) {
        return fail(ErrorCode::unavailable, "record {} has failed, the producer must be restarted first: {}",
                    failure->sequence, failure->why.detail);
    }
    const DeliveryWindow& window = instance_->window();
    if (window.last_added() && sequence <= *window.last_added()) {
        return fail(ErrorCode::invalid, "record {} was sent after record {}: sequences only grow", sequence,
                    *window.last_added());
    }
    const bool suspect = suspects_.contains(sequence);
    if (!window.empty() && (suspect || suspect_under_way_)) {
        return fail(ErrorCode::overloaded, "record {} waits: one that brokers may refuse is sent alone",
                    sequence);
    }
    const auto taken = instance_->send(sequence, record);
    if (taken) suspect_under_way_ = suspect;
    return taken;
}

Deliveries Producer::poll(std::chrono::milliseconds wait) {
    instance_->serve(wait);
    return deliveries();
}

Deliveries Producer::flush(std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    do {
        instance_->serve(instance_->window().empty() ? std::chrono::milliseconds{0} : left_until(end));
    } while (!instance_->window().empty() && !instance_->failure() && left_until(end).count() > 0);
    return deliveries();
}

Deliveries Producer::deliveries() {
    for (const Sequence suspect : instance_->take_suspects()) suspects_.insert(suspect);
    const auto acknowledged = instance_->window().acknowledged();
    if (acknowledged) suspects_.erase(suspects_.begin(), suspects_.upper_bound(*acknowledged));
    return {.acknowledged = acknowledged,
            .failure = instance_->failure(),
            .under_way = instance_->window().size(),
            .places = instance_->take_places()};
}

Result<void> Producer::restart() {
    for (const Sequence suspect : instance_->take_suspects()) suspects_.insert(suspect);
    auto fresh = ProducerInstance::start(settings_);
    if (!fresh) return std::unexpected{fresh.error()};
    // The window and everything that a delivery report could change end with the old instance.
    instance_ = std::move(*fresh);
    suspect_under_way_ = false;
    ++generation_;
    telemetry::log::info("the Kafka producer was restarted",
                         {{"generation", generation_}, {"sent_one_by_one", suspects_.size()}});
    return {};
}

ProducerStatistics Producer::statistics() const {
    return instance_->statistics();
}

}  // namespace tollgate::kafka
