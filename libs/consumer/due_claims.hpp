// Rows of consumer.work that are due, as a member claims them: it alone runs them, for as long as that may
// take.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "consumer/begun.hpp"
#include "consumer/handler.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

struct DueRow {
    Message message;
    Task task;
    std::chrono::milliseconds tried_for{0};
    std::int32_t crashes = 0;
};

// Most looks find nothing: this takes one statement, and no transaction.
Result<bool> is_any_due(postgres::Connection& connection, std::string_view consumer);

struct Claim {
    std::size_t rows_max = 1;
    std::chrono::milliseconds length;
    // Whether first to look for those of a member that has been silent for so long.
    std::optional<std::chrono::milliseconds> left_open_after;
};
struct Claimed {
    std::vector<DueRow> rows;
    bool were_left_open = false;  // its process ended in the middle of it
};
Result<Claimed> claim_rows(postgres::Connection& connection, const Worker& worker, const Claim& claim);

}  // namespace tollgate::consumer
