// Plan: what delivery does with payment events. The rules of the tenant decide whom to tell; a message is a
// row that the sender takes later, in the transaction that says that the event is done.
#pragma once

#include <span>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::delivery {

class PlanHandler final : public consumer::Handler {
public:
    // Bytes that are no payment event are rejected. A redo plans no message twice.
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;
};

}  // namespace tollgate::delivery
