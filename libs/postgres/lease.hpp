// A duty that one process has at a time: a row with holder, epoch and until, by the database's clock. Who
// holds it renews it; who stands by takes it once it has lapsed, with the next epoch.
//
// `epoch()` is a hint from this process's own clock. What must be right says `where holder = me and epoch =
// mine` in its own statement: a process that slept through its lease then changes nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/uuid.hpp"
#include "postgres/connection.hpp"

namespace tollgate::postgres {

struct LeaseSettings {
    std::string name;
    std::chrono::milliseconds length{2000};
    std::chrono::milliseconds renew_every{500};
    std::chrono::milliseconds look_every{250};
};

class Lease {
public:
    // Begins to stand by at once, on a thread and a connection of its own.
    Lease(ConnectionSettings connection, LeaseSettings settings, const Uuid& holder);
    // Lets go, so that the next holder need not wait for the lease to lapse.
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    // The epoch while the lease is held, as far as this process can know.
    std::optional<std::int64_t> epoch() const;

    // Waits until it is held; nothing when stopped before.
    std::optional<std::int64_t> wait_until_held(std::stop_token stop);

    const Uuid& holder() const { return holder_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run(std::stop_token stop);
    void take_or_renew(Connection& connection);
    void set_held(std::optional<std::int64_t> epoch, SteadyTime until);
    void let_go(Connection& connection);
    std::optional<std::int64_t> held_now() const;

    const ConnectionSettings connection_settings_;
    const LeaseSettings settings_;
    const Uuid holder_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<std::int64_t> epoch_;
    SteadyTime held_until_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::postgres
