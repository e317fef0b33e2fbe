// A standby that follows a test's own server, until it is promoted in its place.
#pragma once

#include <cstdint>
#include <string>

#include "support/postgres_server.hpp"

namespace tollgate::test {

class PostgresStandby {
public:
    // A copy of the primary as it is now, which follows it.
    explicit PostgresStandby(const PostgresServer& primary);
    // Stopped, and its data deleted.
    ~PostgresStandby();
    PostgresStandby(const PostgresStandby&) = delete;
    PostgresStandby& operator=(const PostgresStandby&) = delete;

    // Returns when it takes writes.
    void promote();

    Secret url(const std::string& database = "app", const std::string& login = "tollgate_test") const;

private:
    std::string folder_;
    std::uint16_t port_;
};

}  // namespace tollgate::test
