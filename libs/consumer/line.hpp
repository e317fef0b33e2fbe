// A connection that is opened when it is needed, and again when it was lost. What a consumer reads and
// writes, it finds by keys.
#pragma once

#include <optional>

#include "postgres/connection.hpp"

namespace tollgate::consumer {

class Line {
public:
    explicit Line(postgres::ConnectionSettings settings) : settings_{std::move(settings)} {
        settings_.finds_by_index = true;
    }

    // Fit for use; its place in memory stays.
    Result<postgres::Connection*> ready();

    bool usable() const { return connection_ && connection_->usable(); }
    void drop() { connection_.reset(); }

private:
    postgres::ConnectionSettings settings_;
    std::optional<postgres::Connection> connection_;
};

}  // namespace tollgate::consumer
