// The settings [kafka] of every process that reaches a cluster.
#pragma once

#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "kafka/settings.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

struct KafkaConfig {
    std::string brokers;
    std::string topic_prefix = "tollgate.";
    std::string security_protocol = "plaintext";
    std::string sasl_mechanism;
    std::string sasl_username;
    Secret sasl_password;
    std::string ssl_ca_file;
    std::string ssl_certificate_file;
    std::string ssl_key_file;
    Secret ssl_key_password;
    std::string properties;

    void declare(Settings& settings);

    Result<kafka::ClientSettings> client(const std::string& client_id) const;
};

}  // namespace tollgate::process
