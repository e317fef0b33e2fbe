// A Postgres server of a test's own, for what the shared one must not suffer: restarts, kills, settings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/secret.hpp"

namespace tollgate::test {

class PostgresServer {
public:
    // Started when constructed. Settings are "name=value".
    explicit PostgresServer(std::vector<std::string> settings = {});
    // Stopped, and its data deleted.
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    void start();
    void stop();                    // as an operator does: sessions are ended, the data is flushed
    void signal(int number) const;  // to the postmaster: SIGQUIT is an immediate stop, SIGSTOP a frozen one
    void crash();                   // the postmaster is killed, and the server started again once it is gone

    // Of the login that owns everything in it, and is not a superuser.
    Secret url(const std::string& database = "app", const std::string& login = "tollgate_test") const;
    // As the superuser: what no product's login may do.
    void administer(const std::string& sql) const;
    void administer_in(const std::string& database, const std::string& sql) const;

private:
    pid_t postmaster() const;

    std::string folder_;
    std::uint16_t port_;
    std::vector<std::string> settings_;
};

}  // namespace tollgate::test
