// What enrichment does: of each raw event exactly one payment event, stored and appended to the journal in
// the transaction that says that the raw one is done.
#pragma once

#include <span>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::enrichment {

class EnrichmentHandler final : public consumer::Handler {
public:
    // What a provider's folder cannot read is rejected with its sentence. A redo writes the payment event
    // over and appends it again under the same id, which consumers that have it drop.
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;
};

}  // namespace tollgate::enrichment
