#include "tollgate/consumers.hpp"

#include <array>

#include "billing/handler.hpp"
#include "enrichment/handler.hpp"

namespace tollgate {

namespace {

constexpr std::chrono::milliseconds hint_at_most_every{1};

struct Row {
    const char* name;
    const char* input;
    std::unique_ptr<consumer::Handler> (*make_handler)();
};

template <typename Handler>
std::unique_ptr<consumer::Handler> make() {
    return std::make_unique<Handler>();
}

constexpr auto rows = std::to_array<Row>({
    {"enrichment", "raw", make<enrichment::EnrichmentHandler>},
    {"billing", "payment", make<billing::BillingHandler>},
});

}  // namespace

Result<std::unique_ptr<Consumers>> Consumers::start(const process::ConsumerConfig& config,
                                                    const process::DatabaseConfig& database,
                                                    const process::KafkaConfig& kafka, const Uuid& holder,
                                                    process::Process& process) {
    std::unique_ptr<Consumers> all{new Consumers{database}};
    for (const Row& row : rows) {
        all->handlers_.push_back(row.make_handler());
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
