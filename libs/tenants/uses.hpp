// Which secrets vouched for requests, and when last: gathered in memory, written in one statement now and
// then.
#pragma once

#include <mutex>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/connection.hpp"

namespace tollgate::tenants {

// Noting is safe from any thread, writing is for one.
class Uses {
public:
    void note(const Uuid& secret, Timestamp at);
    // What could not be written is kept for the next time. Throws SqlError.
    void write(postgres::Connection& connection);
    bool empty() const;

private:
    // There are no more secrets than this that one process uses between two writes; further ones are not
    // noted.
    static constexpr std::size_t noted_max = 100'000;

    using Times = std::unordered_map<Uuid, Timestamp>;

    mutable std::mutex mutex_;
    Times noted_;
};

}  // namespace tollgate::tenants
