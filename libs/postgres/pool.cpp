#include "postgres/pool.hpp"

namespace tollgate::postgres {

PooledConnection::~PooledConnection() {
    // A moved-from loan has nothing to give back.
    if (connection_ != nullptr) pool_->give_back(std::move(connection_));
}

Result<PooledConnection> Pool::acquire() {
    std::unique_ptr<Connection> connection;
    {
        std::unique_lock lock{mutex_};
        const bool free = returned_.wait_for(lock, settings_.acquire_timeout,
                                             [&] { return in_use_ < settings_.connections_max; });
        if (!free) {
            return fail(ErrorCode::overloaded, "all {} connections to Postgres were in use for {} ms",
                        settings_.connections_max, settings_.acquire_timeout.count());
        }
        ++in_use_;
        while (connection == nullptr && !idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
            if (connection->closed_by_server()) connection.reset();
        }
    }
    if (connection != nullptr) return PooledConnection{*this, std::move(connection)};
    auto opened = Connection::open(settings_.connection);
    if (!opened) {
        give_back(nullptr);
        return std::unexpected{opened.error()};
    }
    return PooledConnection{*this, std::make_unique<Connection>(std::move(*opened))};
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock{mutex_};
        --in_use_;
        if (connection != nullptr && connection->idle()) idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
}

std::size_t Pool::in_use() const {
    const std::lock_guard lock{mutex_};
    return in_use_;
}

}  // namespace tollgate::postgres
