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
public:
    explicit TimedHandler(Effect effect) : effect_{effect} {}

    std::vector<consumer::Outcome> apply(postgres::Transaction& tx, std::span<const Task> batch) override {
        if (!began_) began_ = std::chrono::steady_clock::now();
        ++batches_;
        if (effect_ == Effect::row_per_message) write_rows(tx, batch);
        return std::vector<consumer::Outcome>(batch.size(), consumer::Done{});
    }

    std::optional<SteadyTime> began() const { return began_; }
    std::uint64_t batches() const { return batches_; }

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
    std::optional<SteadyTime> began_;
    std::uint64_t batches_ = 0;
};

std::unique_ptr<consumer::Subscription> subscribe(const Surroundings& surroundings,
                                                  const DrainSettings& settings,
                                                  const postgres::ConnectionSettings& connection,
                                                  const Uuid& holder, consumer::Positions& positions) {
    if (settings.bus == Bus::journal) {
        return std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{
                .consumer = settings.consumer, .topics = {"raw"}, .connection = connection},
            holder);
    }
    return must(
        consumer::KafkaSubscription::create({.group = {.client = {.brokers = surroundings.kafka_brokers},
                                                       .group = settings.consumer,
                                                       .topics = {"raw"}},
                                             .topic_prefix = settings.topic_prefix,
                                             .connection = connection},
                                            positions));
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
    telemetry::Metrics registry{"load"};
    consumer::RuntimeMetrics metrics{registry, settings.consumer};
    const Uuid holder = make_uuid_v4();
    const postgres::ConnectionSettings connection{.url = Secret{surroundings.service_database_url},
                                                  .role = drain_role,
                                                  .application_name = settings.consumer};
    const auto positions = must(consumer::StoredPositions::create(
        {.brokers = surroundings.kafka_brokers}, settings.consumer, settings.consumer, holder, metrics));
    TimedHandler handler{settings.effect};
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
                                  subscribe(surroundings, settings, connection, holder, *positions),
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
            .batches = handler.batches(),
            .cpu_seconds = usage_of("self").cpu_seconds - cpu};
}

}  // namespace tollgate::load
