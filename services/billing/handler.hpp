// What billing does with payment events: payments, subscriptions, invoices and the ledger follow them, in the
// transaction that says that they are done.
#pragma once

#include <span>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::billing {

class BillingHandler final : public consumer::Handler {
public:
    // Bytes that are no payment event are rejected. A redo books the difference, and nothing twice.
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;
};

}  // namespace tollgate::billing
