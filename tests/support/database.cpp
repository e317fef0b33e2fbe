#include "support/database.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include <fmt/chrono.h>

#include "core/uuid.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

// Without rights of its own; a member of the services' roles.
constexpr const char* service_login = "tollgate_test_service";

postgres::ConnectionSettings administration() {
    return {.url = server_url(), .role = "", .application_name = "tests"};
}

void administer(const std::string& sql) {
    open(administration()).execute_script(sql);
}

std::string make_name() {
    std::string name = "t" + make_uuid_v7().text();
    std::erase(name, '-');
    return name;
}

// The login is made once per server. We are a member of it, so that dropping a database may end its sessions.
void make_template(const std::string& name, postgres::Schemas schemas) {
    const std::string unfinished = make_name();
    administer("create database " + unfinished);
    {
        postgres::Connection connection = open({.url = url_for(unfinished), .application_name = "tests"});
        const auto migrated = postgres::migrate(connection, schemas, [](const std::string&) {});
        if (!migrated) throw std::runtime_error{migrated.error().text()};
        connection.execute_script(fmt::format(
            R"(do $$
            begin
                if not exists (select from pg_roles where rolname = '{0}') then
                    create role {0} login noinherit;
                    grant {0} to current_user;
                end if;
                grant tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery,
                    tollgate_console, tollgate_operator to {0};
            end $$)",
            service_login));
    }
    administer(fmt::format("alter database {} rename to {}", unfinished, name));
}

// A database in which these migrations ran, made by the first test of this server and this day (of which they
// make the partitions): a copy of it costs a fifth of running them.
std::string template_of(postgres::Schemas schemas) {
    std::string content =
        fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    for (const postgres::Schema* schema : postgres::in_order_of_need(schemas)) {
        for (const postgres::Migration& migration : schema->migrations) content += migration.sql;
    }
    const std::string name = fmt::format("template_{:x}", std::hash<std::string>{}(content));
    // Tests run in parallel; who comes second waits until the first has made it.
    postgres::Connection lock = open(administration());
    lock.execute_script("select pg_advisory_lock(20260101)");
    if (lock.execute("select from pg_database where datname = $1", name).empty())
        make_template(name, schemas);
    return name;
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

Database::Database() : name_{make_name()} {
    administer("create database " + name_);
}

Database::Database(postgres::Schemas schemas) : name_{make_name()} {
    administer(fmt::format("create database {} template {}", name_, template_of(schemas)));
    // The journal tells that its database was copied; in this one nothing was written yet.
    open(owner()).execute_script(
        "do $$ begin "
        "if to_regclass('journal.state') is not null then "
        "update journal.state set server = journal.this_server(); end if; end $$");
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
