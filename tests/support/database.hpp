// A throwaway database of the running test server, with the roles that the product uses.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"
#include "postgres/migrate.hpp"

namespace tollgate::test {

// The server that the tests use, from TOLLGATE_TEST_POSTGRES. A missing one fails the test that asks.
Secret server_url();

// The same server, but another database and perhaps another login (logins of the test server need no
// password).
Secret url_for(const std::string& database, const std::string& login = "");

// A connection; a failure to connect fails the test.
postgres::Connection open(const postgres::ConnectionSettings& settings);

class Database {
public:
    // Empty, owned by the test login.
    Database();
    // Migrated with these schemas, and reachable by the login of services.
    explicit Database(postgres::Schemas schemas);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::string& name() const { return name_; }

    // As the owner: what only `migrate` does in production.
    postgres::ConnectionSettings owner() const;
    // As a service: the login without rights, in the role tollgate_<service>.
    postgres::ConnectionSettings service(std::string_view service) const;

private:
    std::string name_;
};

}  // namespace tollgate::test
