#include "cluster.hpp"

#include <catch2/catch.hpp>

#include "payers.hpp"

namespace tollgate::test {

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
