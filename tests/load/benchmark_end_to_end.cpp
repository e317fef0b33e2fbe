// From the webhook to the call of Slack, and what the whole of it takes when there is nothing to do.
#include "load/whole_product.hpp"

namespace tollgate::load {

namespace {

constexpr double per_second = 1000;
constexpr std::chrono::seconds idle_for{20};

Figure figure(std::string name, double value, std::string unit, std::optional<double> goal = std::nullopt) {
    fmt::print(stderr, "{}: {:.4g} {}\n", name, value, unit);
    return {.name = std::move(name),
            .value = value,
            .unit = std::move(unit),
            .better = Better::lower,
            .baseline = std::nullopt,
            .goal = goal};
}

void add(Figures& figures, const std::string& way, const EndToEnd& found, double goal_ms) {
    const auto ms = [&](double percent) {
        return std::chrono::duration<double, std::milli>(found.latencies.percentile(percent)).count();
    };
    figures.push_back(figure(way + ", POST to Slack, p50", ms(50), "ms", goal_ms));
    figures.push_back(figure(way + ", POST to Slack, p99", ms(99), "ms"));
    figures.push_back(figure(way + ": events without a message",
                             static_cast<double>(found.events - found.messages), "events", 0));
    figures.push_back(figure(way + ": Postgres, CPU for an event",
                             found.postgres_cpu_seconds / static_cast<double>(found.events) * 1e3, "ms"));
    figures.push_back(figure(way + ": Postgres, memory of all its processes",
                             static_cast<double>(found.postgres_memory_bytes) / 1e6, "MB"));
    figures.push_back(figure(way + ": answers other than 200", static_cast<double>(found.not_200), "", 0));
}

}  // namespace

Result<Figures> end_to_end(const Surroundings& surroundings) {
    WholeProduct product{surroundings};
    Figures figures;
    product.start(Way::alone);
    const Idle idle = product.measure_idle(idle_for);
    figures.push_back(figure("idle, all in one process: memory", idle.resident_mb, "MB", 60));
    figures.push_back(figure("idle, all in one process: CPU", idle.cpu_percent, "% of a core", 1));
    product.warm_up();
    add(figures, "alone on Postgres, 1,000 events/s", product.measure(per_second, surroundings.extent.run),
        50);
    add(figures, "alone on Postgres, 100 events/s", product.measure(per_second / 10, surroundings.extent.run),
        50);
    product.start(Way::with_kafka);
    product.warm_up();
    add(figures, "with Kafka, 1,000 events/s", product.measure(per_second, surroundings.extent.run), 100);
    add(figures, "with Kafka, 100 events/s", product.measure(per_second / 10, surroundings.extent.run), 100);
    return figures;
}

}  // namespace tollgate::load
