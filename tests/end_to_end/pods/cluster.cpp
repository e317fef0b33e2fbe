#include "cluster.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include <catch2/catch.hpp>

#include "payers.hpp"

namespace tollgate::test {

namespace {

// Whose roles each login takes, as the job tollgate-migrate says it.
std::map<std::string, std::string> grants_of_k8s() {
    std::ifstream file{source_file("k8s/base/migrate/job.yaml")};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::regex grant{R"((tollgate_at_\w+)=(\w+))"};
    std::map<std::string, std::string> found;
    for (std::sregex_iterator each{text.begin(), text.end(), grant}; each != std::sregex_iterator{}; ++each)
        found.emplace((*each)[1], (*each)[2]);
    REQUIRE(found.size() == 6);
    return found;
}

// Logins are the server's, whose others run beside us: one at a time.
void make_logins(const postgres::ConnectionSettings& owner) {
    postgres::Connection lock = open({.url = server_url()});
    lock.execute_script("select pg_advisory_lock(20260102)");
    postgres::Connection connection = open(owner);
    for (const auto& [login, service] : grants_of_k8s()) {
        // We are a member of it, so that dropping the database may end its sessions.
        if (connection.execute("select from pg_roles where rolname = $1", login).empty()) {
            connection.execute_script(
                fmt::format("create role {0} login noinherit; grant {0} to current_user", login));
        }
        const auto granted = postgres::grant_roles(connection, login, {service});
        if (!granted) FAIL(granted.error().text());
    }
}

}  // namespace

Cluster::Cluster(const std::string& bus)
    : topic_prefix{broker.topic_name() + "."}, has_brokers{bus == "kafka"} {
    REQUIRE(shell("tenant create acme").code == 0);
    REQUIRE(shell
                .with_input(std::string{payers_secret},
                            "source create --tenant acme --provider stripe --slug shop --secret-file -")
                .code == 0);
    const Ran turned =
        shell("migrate --bus " + bus, {{"TOLLGATE_DATABASE_URL", shell.database().owner().url.reveal()}});
    INFO(turned.err);
    REQUIRE(turned.code == 0);
    make_logins(shell.database().owner());
}

ChildProcess::Environment Cluster::settings(const std::string& service) const {
    auto told = settings();
    if (service != "up")
        told["TOLLGATE_DATABASE_URL"] = url_for(shell.database().name(), "tollgate_at_" + service).reveal();
    return told;
}

ChildProcess::Environment Cluster::settings() const {
    auto settings = Pod::settings_of_k8s();
    settings["TOLLGATE_DATABASE_URL"] = shell.database().service("ingress").url.reveal();
    settings["TOLLGATE_SEAL_KEYS_FILE"] = shell.environment().at("TOLLGATE_SEAL_KEYS_FILE");
    settings["TOLLGATE_KAFKA_BROKERS"] = broker.address();
    settings["TOLLGATE_KAFKA_TOPIC_PREFIX"] = topic_prefix;
    if (!has_brokers) settings.erase("TOLLGATE_KAFKA_BROKERS");
    return settings;
}

std::int64_t Cluster::number(const std::string& sql) const {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner.execute(sql).only().get<std::int64_t>(0);
}

}  // namespace tollgate::test
