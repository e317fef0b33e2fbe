#include "support/database.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "core/uuid.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

// Without rights of its own; a member of the services' roles. Made once per server.
constexpr const char* service_login = "tollgate_test_service";

void administer(const std::string& sql) {
    open({.url = server_url(), .role = "", .application_name = "tests"}).execute_script(sql);
}

}  // namespace

postgres::Connection open(const postgres::ConnectionSettings& settings) {
    auto connection = postgres::Connection::open(settings);
    if (!connection) throw std::runtime_error{connection.error().text()};
    return std::move(*connection);
}

Secret server_url() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment while tests run
    const char* url = std::getenv("TOLLGATE_TEST_POSTGRES");
    if (url == nullptr) {
        throw std::runtime_error{
            "TOLLGATE_TEST_POSTGRES is not set: start the tests with tests/run, which starts a server"};
    }
    return Secret{url};
}

Secret url_for(const std::string& database, const std::string& login) {
    std::string url = server_url().reveal();
    const std::size_t authority = url.find("://") + 3;
    const std::size_t path = url.find('/', authority);
    const std::size_t query = std::min(url.find('?', authority), url.size());
    url.replace(path, query - path, "/" + database);
    const std::size_t at = url.find('@', authority);
    if (!login.empty() && at != std::string::npos && at < path) url.replace(authority, at - authority, login);
    return Secret{url};
}

Database::Database() : name_{"t" + make_uuid_v7().text()} {
    std::erase(name_, '-');
    administer("create database " + name_);
}

Database::Database(postgres::Schemas schemas) : Database{} {
    postgres::Connection connection = open(owner());
    const auto migrated = postgres::migrate(connection, schemas, [](const std::string&) {});
    if (!migrated) throw std::runtime_error{migrated.error().text()};
    // Every test that is first makes it; tests run in parallel, so the lock decides who that is. We are a
    // member of it, so that dropping a database may end its sessions.
    connection.execute_script(fmt::format(
        R"(do $$
        begin
            perform pg_advisory_xact_lock(20260101);
            if not exists (select from pg_roles where rolname = '{0}') then
                create role {0} login noinherit;
                grant {0} to current_user;
            end if;
            grant tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery,
                tollgate_console, tollgate_operator to {0};
        end $$)",
        service_login));
}

Database::~Database() {
    // Autovacuum may be at work in it, whose sessions are not ours to end.
    std::string failure;
    wait_until([&] {
        try {
            administer("drop database " + name_ + " with (force)");
            failure.clear();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        return !failure.contains("42501");
    });
    // A test may have stopped the server; its data goes with it.
    if (!failure.empty())
        std::fprintf(stderr, "database %s was left behind: %s\n", name_.c_str(), failure.c_str());
}

postgres::ConnectionSettings Database::owner() const {
    return {.url = url_for(name_), .role = "", .application_name = "tests"};
}

postgres::ConnectionSettings Database::service(std::string_view service) const {
    return {.url = url_for(name_, service_login),
            .role = fmt::format("tollgate_{}", service),
            .application_name = "tests"};
}

}  // namespace tollgate::test
