// What enrichment does: of each raw event exactly one payment event, stored and appended to the journal in
// the transaction that says that the raw one is done.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::enrichment {

class Lookups;
class Upkeep;

class EnrichmentHandler final : public consumer::Handler {
public:
    // Without look-ups and upkeep it does with what is stored.
    EnrichmentHandler();
    EnrichmentHandler(std::unique_ptr<Lookups> lookups, std::unique_ptr<Upkeep> upkeep);
    ~EnrichmentHandler() override;

    bool prepares() const override { return lookups_ != nullptr; }
    Result<void> prepare(std::span<const consumer::Task> batch,
                         std::chrono::steady_clock::time_point end) override;

    // What a provider's folder cannot read is rejected with its sentence. A redo writes the payment event
    // over and appends it again under the same id, which consumers that have it drop.
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;

private:
    const std::unique_ptr<Lookups> lookups_;
    const std::unique_ptr<Upkeep> upkeep_;  // goes on beside it
};

}  // namespace tollgate::enrichment
