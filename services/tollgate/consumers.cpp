#include "tollgate/consumers.hpp"

#include "billing/handler.hpp"
#include "delivery/handler.hpp"

namespace tollgate {

namespace {

constexpr std::chrono::milliseconds hint_at_most_every{1};

struct Row {
    const char* name;
    const char* input;
    std::unique_ptr<consumer::Handler> handler;
};

Result<std::vector<Row>> make_rows(const enrichment::Config& config, const process::DatabaseConfig& database,
                                   telemetry::Metrics& metrics, delivery::Service& sending) {
    auto enrichment = enrichment::make_handler(
        config, database.connection("tollgate up look-ups", "tollgate_enrichment"), metrics);
    if (!enrichment) return std::unexpected{enrichment.error()};
    std::vector<Row> rows;
    rows.push_back({.name = "enrichment", .input = "raw", .handler = std::move(*enrichment)});
    rows.push_back(
        {.name = "billing", .input = "payment", .handler = std::make_unique<billing::BillingHandler>()});
    rows.push_back(
        {.name = "delivery",
         .input = "payment",
         .handler = std::make_unique<delivery::PlanHandler>([&](auto due) { sending.expect(due); })});
    return rows;
}

}  // namespace

Result<std::unique_ptr<Consumers>> Consumers::start(const process::ConsumerConfig& config,
                                                    const enrichment::Config& of_enrichment,
                                                    const process::DatabaseConfig& database,
                                                    const process::KafkaConfig& kafka, const Uuid& holder,
                                                    process::Process& process, delivery::Service& sending) {
    std::unique_ptr<Consumers> all{new Consumers{database}};
    auto rows = make_rows(of_enrichment, database, process.metrics(), sending);
    if (!rows) return std::unexpected{rows.error()};
    for (Row& row : *rows) {
        all->handlers_.push_back(std::move(row.handler));
        auto service = process::ConsumerService::start(
            {.registration = {.name = row.name, .input = row.input},
             .role = fmt::format("tollgate_{}", row.name),
             .committed = [announcer = &all->announcer_] { announcer->announce(); }},
            *all->handlers_.back(), config, database, kafka, holder, process);
        if (!service) return std::unexpected{service.error()};
        all->services_.push_back(std::move(*service));
    }
    return all;
}

Consumers::Consumers(const process::DatabaseConfig& database)
    : announcer_{database.connection("tollgate up hint", "tollgate_enrichment"), hint_at_most_every} {}

}  // namespace tollgate
