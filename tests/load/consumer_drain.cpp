#include "load/consumer_drain.hpp"

#include <optional>
#include <ranges>
#include <stdexcept>
#include <vector>

#include "consumer/journal_subscription.hpp"
#include "consumer/kafka_subscription.hpp"
#include "consumer/runtime.hpp"
#include "consumer/stored_positions.hpp"
#include "load/process_usage.hpp"

namespace tollgate::load {

namespace {

using consumer::Bus;
using consumer::Task;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::minutes drain_deadline{15};

class TimedHandler final : public consumer::Handler {
    template <typename Work>
    auto timed(const Work& work) {
        const auto began = std::chrono::steady_clock::now();
        auto outcome = work();
        handling_ += std::chrono::steady_clock::now() - began;
        return outcome;
    }

public:
    TimedHandler(Effect effect, consumer::Handler* service) : effect_{effect}, service_{service} {}

    bool prepares() const override { return service_ != nullptr && service_->prepares(); }
    Result<void> prepare(std::span<const Task> batch, std::chrono::steady_clock::time_point end) override {
        if (!began_) began_ = std::chrono::steady_clock::now();
        return timed([&] { return service_->prepare(batch, end); });
    }

    std::vector<consumer::Outcome> apply(postgres::Transaction& tx, std::span<const Task> batch) override {
        if (!began_) began_ = std::chrono::steady_clock::now();
        ++batches_;
        return timed([&] {
            if (service_ != nullptr) return service_->apply(tx, batch);
            if (effect_ == Effect::row_per_message) write_rows(tx, batch);
            return std::vector<consumer::Outcome>(batch.size(), consumer::Done{});
        });
    }

    std::optional<SteadyTime> began() const { return began_; }
    std::uint64_t batches() const { return batches_; }
    double handling_seconds() const { return std::chrono::duration<double>(handling_).count(); }

private:
    static void write_rows(postgres::Transaction& tx, std::span<const Task> batch) {
        tx.execute("insert into load.effect (event_id, tenant, body) select * from unnest($1, $2, $3)",
                   batch | std::views::transform(&Task::id),
                   batch | std::views::transform([](const Task& task) { return task.message->tenant; }),
                   batch | std::views::transform([](const Task& task) {
                       return postgres::Bytes{task.message->value.value()};
                   }));
    }

    Effect effect_;
    consumer::Handler* service_;
    std::chrono::steady_clock::duration handling_{0};
    std::optional<SteadyTime> began_;
    std::uint64_t batches_ = 0;
};

std::unique_ptr<consumer::Subscription> subscribe(const Surroundings& surroundings,
                                                  const DrainSettings& settings,
                                                  const postgres::ConnectionSettings& connection,
                                                  const Uuid& holder, consumer::Positions* positions) {
    if (settings.bus == Bus::journal) {
        return std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{
                .consumer = settings.consumer, .topics = {settings.topic}, .connection = connection},
            holder);
    }
    return must(
        consumer::KafkaSubscription::create({.group = {.client = {.brokers = surroundings.kafka_brokers},
                                                       .group = settings.consumer,
                                                       .topics = {settings.topic}},
                                             .topic_prefix = settings.topic_prefix,
                                             .connection = connection},
                                            *positions));
}

}  // namespace

void make_effect_table(postgres::Connection& owner) {
    owner.execute_script(fmt::format(
        "create schema load;"
        "create table load.effect (event_id uuid primary key, tenant uuid not null, body bytea not "
        "null);"
        "grant usage on schema load to {0}; grant insert on load.effect to {0}",
        drain_role));
}

Drain drain(const Surroundings& surroundings, const DrainSettings& settings) {
    telemetry::Metrics registry;
    consumer::RuntimeMetrics metrics{registry, settings.consumer};
    const Uuid holder = make_uuid_v4();
    const postgres::ConnectionSettings connection{.url = Secret{surroundings.service_database_url},
                                                  .role = settings.role,
                                                  .application_name = settings.consumer};
    // Of Kafka alone.
    std::unique_ptr<consumer::StoredPositions> positions;
    if (settings.bus == Bus::kafka) {
        positions = must(consumer::StoredPositions::create(
            {.brokers = surroundings.kafka_brokers}, settings.consumer, settings.consumer, holder, metrics));
    }
    TimedHandler handler{settings.effect, settings.handler};
    std::stop_source stop;
    std::optional<SteadyTime> ended;
    const auto note_end = [&] {
        if (metrics.done.Value() < static_cast<double>(settings.events)) return;
        ended = std::chrono::steady_clock::now();
        stop.request_stop();
    };
    const SteadyTime deadline = std::chrono::steady_clock::now() + drain_deadline;
    const auto give_up_in_time = [&] {
        if (std::chrono::steady_clock::now() > deadline) stop.request_stop();
    };
    const double cpu = usage_of("self").cpu_seconds;
    {
        // All of them are due, though it was registered after they came: a refill is none of what is
        // measured.
        const Uuid since{};
        consumer::Runtime runtime{{.consumer = settings.consumer,
                                   .member = holder,
                                   .build = "load",
                                   .connection = connection,
                                   .committed = note_end,
                                   .alive = give_up_in_time},
                                  subscribe(surroundings, settings, connection, holder, positions.get()),
                                  handler,
                                  since,
                                  metrics};
        must(runtime.run(stop.get_token()));
    }
    if (!handler.began() || !ended) {
        throw std::runtime_error{fmt::format("the runtime has done {} of {} events in {} minutes",
                                             metrics.done.Value(), settings.events, drain_deadline.count())};
    }
    return {.seconds = std::chrono::duration<double>(*ended - *handler.began()).count(),
            .handling_seconds = handler.handling_seconds(),
            .batches = handler.batches(),
            .cpu_seconds = usage_of("self").cpu_seconds - cpu};
}

}  // namespace tollgate::load
