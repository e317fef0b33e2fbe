// What enrichment does beside its events, now and then, in whichever process comes to it: reckons where a
// tenant's customers stand by what they have paid, and forgets companies that are too old, and whom operators
// have erased where nothing is stored any more of before.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/uuid.hpp"
#include "postgres/connection.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

struct UpkeepSettings {
    std::chrono::milliseconds every{std::chrono::minutes{10}};
    std::chrono::milliseconds rank_every{std::chrono::hours{1}};
    std::int32_t customers_max = 2000;  // that a tenant's bounds are reckoned from
    std::int64_t companies_at_once = 1000;
    std::int64_t erased_names_at_once = 10'000;
};

// One tenant that is due, the first after this one, in the order of the ids: which it was, if there was one.
// Throws SqlError.
std::optional<Uuid> rank_customers(postgres::Transaction& tx, const Uuid& after,
                                   const UpkeepSettings& settings);

class Upkeep {
public:
    Upkeep(postgres::ConnectionSettings connection, const UpkeepSettings& settings);

private:
    void run(const std::stop_token& stop);
    Result<void> do_all(const std::stop_token& stop);

    const postgres::ConnectionSettings connection_;
    const UpkeepSettings settings_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::enrichment
