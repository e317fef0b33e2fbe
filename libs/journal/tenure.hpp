// The keeper's work, step by step, from taking the lease to losing it. Each step fails with `fenced` once
// somebody else keeps.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/uuid.hpp"
#include "journal/tick_rule.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::journal {

struct RotationSettings {
    std::uint64_t child_bytes_max = 64ULL << 20U;
    std::chrono::milliseconds child_age_max{std::chrono::minutes{10}};
};

class Tenure {
public:
    // Fences the keeper before, and writes a first tick. It does not outlive the connection, because ticks
    // that a crash of the server forgets are written again with other snapshots.
    static Result<Tenure> begin(postgres::Connection& connection, const Uuid& holder, std::int64_t epoch);

    // Whether it was due.
    Result<bool> tick_if_due();

    struct Tidied {
        int emptied = 0;  // children
        bool rotated = false;
        // A rotation is due, and this keeps it from being done.
        std::optional<std::string> rotation_blocked_by;
    };
    Result<Tidied> tidy(const RotationSettings& settings);

private:
    Tenure(postgres::Connection& connection, const Uuid& holder, std::int64_t epoch, WrittenTick first)
        : connection_{&connection}, holder_{holder}, epoch_{epoch}, rule_{std::move(first)} {}

    static Result<WrittenTick> write_tick(postgres::Connection& connection, const Uuid& holder,
                                          std::int64_t epoch, std::int64_t drawn);
    Result<std::optional<std::string>> empty(std::int16_t child);

    postgres::Connection* connection_;
    Uuid holder_;
    std::int64_t epoch_;
    TickRule rule_;
};

}  // namespace tollgate::journal
