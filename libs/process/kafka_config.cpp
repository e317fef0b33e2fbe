#include "process/kafka_config.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tollgate::process {

namespace {

// What brokers allow in the name of a topic.
bool may_begin_a_topic(std::string_view text) {
    return text.size() <= 100 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
           });
}

// "name=value,name=value"
Result<void> read_properties(std::string_view text, std::map<std::string, std::string>& into) {
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const std::size_t equals = one.find('=');
        if (equals == 0 || equals == std::string_view::npos) {
            return fail(ErrorCode::misconfigured, "kafka.properties: \"{}\" is not like name=value", one);
        }
        into[std::string{one.substr(0, equals)}] = one.substr(equals + 1);
    }
    return {};
}

}  // namespace

void KafkaConfig::declare(Settings& settings) {
    settings.add("kafka.brokers", brokers, "where the cluster is: host:port,host:port");
    settings.add("kafka.topic_prefix", topic_prefix,
                 "before the name of each topic, and, if it is another than this, of each group");
    settings.add_choice("kafka.security_protocol", security_protocol,
                        {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"}, "how brokers are spoken to");
    settings.add("kafka.sasl_mechanism", sasl_mechanism, "SCRAM-SHA-512, PLAIN ...");
    settings.add("kafka.sasl_username", sasl_username, "for it");
    settings.add("kafka.sasl_password", sasl_password, "for it");
    settings.add("kafka.ssl_ca_file", ssl_ca_file, "PEM, of who vouches for the brokers");
    settings.add("kafka.ssl_certificate_file", ssl_certificate_file, "PEM, by which they know us");
    settings.add("kafka.ssl_key_file", ssl_key_file, "PEM, its key");
    settings.add("kafka.ssl_key_password", ssl_key_password, "of that key");
    settings.add("kafka.properties", properties,
                 "more of the network by librdkafka's names: name=value,name=value");
}

Result<kafka::ClientSettings> KafkaConfig::client(const std::string& client_id) const {
    if (!may_begin_a_topic(topic_prefix)) {
        return fail(ErrorCode::misconfigured, "kafka.topic_prefix: no topic's name can begin with \"{}\"",
                    topic_prefix);
    }
    kafka::ClientSettings settings{.brokers = brokers, .client_id = client_id};
    const std::array<std::pair<const char*, const std::string*>, 6> named{{
        {"security.protocol", &security_protocol},
        {"sasl.mechanism", &sasl_mechanism},
        {"sasl.username", &sasl_username},
        {"ssl.ca.location", &ssl_ca_file},
        {"ssl.certificate.location", &ssl_certificate_file},
        {"ssl.key.location", &ssl_key_file},
    }};
    for (const auto& [name, value] : named) {
        if (!value->empty()) settings.properties[name] = *value;
    }
    if (!sasl_password.empty()) settings.secrets["sasl.password"] = sasl_password;
    if (!ssl_key_password.empty()) settings.secrets["ssl.key.password"] = ssl_key_password;
    if (const auto read = read_properties(properties, settings.properties); !read)
        return std::unexpected{read.error()};
    if (const auto good = kafka::validate(settings); !good) return std::unexpected{good.error()};
    return settings;
}

}  // namespace tollgate::process
