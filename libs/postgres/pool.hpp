// A bounded set of connections of one role. They are made when needed, and replaced when broken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "postgres/connection.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::postgres {

struct PoolSettings {
    ConnectionSettings connection;
    std::size_t connections_max = 8;
    std::chrono::milliseconds acquire_timeout{std::chrono::seconds{5}};
};

class Pool;

// A connection on loan; it goes back to its pool by itself.
class PooledConnection {
public:
    PooledConnection(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_{&pool}, connection_{std::move(connection)} {}
    PooledConnection(PooledConnection&& other) noexcept = default;
    PooledConnection& operator=(PooledConnection&& other) = delete;
    ~PooledConnection();

    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
};

class Pool {
public:
    explicit Pool(PoolSettings settings) : settings_{std::move(settings)} {}
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Waits for a free place up to the acquire timeout (overloaded after it), then connects if it must.
    Result<PooledConnection> acquire();

    const PoolSettings& settings() const { return settings_; }
    std::size_t in_use() const;

private:
    friend class PooledConnection;
    void give_back(std::unique_ptr<Connection> connection);

    const PoolSettings settings_;
    mutable std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t in_use_ = 0;
};

template <typename Body>
auto transact(Pool& pool, Body&& body)
    -> decltype(transact(std::declval<Connection&>(), std::forward<Body>(body))) {
    auto connection = pool.acquire();
    if (!connection) return std::unexpected{connection.error()};
    return transact(**connection, std::forward<Body>(body));
}

}  // namespace tollgate::postgres
