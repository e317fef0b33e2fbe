// A connection that is opened when it is needed, and again when it was lost.
#pragma once

#include <optional>

#include "postgres/connection.hpp"

namespace tollgate::consumer {

class Line {
public:
    explicit Line(postgres::ConnectionSettings settings) : settings_{std::move(settings)} {}

    // Fit for use; its place in memory stays.
    Result<postgres::Connection*> ready();

    bool usable() const { return connection_ && connection_->usable(); }
    void drop() { connection_.reset(); }

private:
    const postgres::ConnectionSettings settings_;
    std::optional<postgres::Connection> connection_;
};

}  // namespace tollgate::consumer
