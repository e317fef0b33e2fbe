// Plan: what delivery does with payment events. The rules of the tenant decide whom to tell; a message is a
// row that the sender takes later, in the transaction that says that the event is done.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::delivery {

class PlanHandler final : public consumer::Handler {
public:
    // Called after a commit with when the first message of it is due; may be empty.
    using Expect = std::function<void(std::chrono::steady_clock::time_point)>;

    explicit PlanHandler(Expect expect = {}) : expect_{std::move(expect)} {}

    // Bytes that are no payment event are rejected. A redo plans no message twice.
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;
    void committed() override;

private:
    Expect expect_;
    std::optional<std::chrono::milliseconds> due_in_;  // of what was planned last
};

}  // namespace tollgate::delivery
