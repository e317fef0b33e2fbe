// What carries events to consumers, and where that is Kafka the cluster and its topics.
#include <algorithm>
#include <ranges>

#include "consumer/bus.hpp"
#include "kafka/admin.hpp"
#include "postgres/transaction.hpp"
#include "relay/topics.hpp"
#include "tollgate/examination.hpp"

namespace tollgate {

namespace {

using consumer::Bus;
using postgres::Connection;

constexpr std::chrono::seconds brokers_answer_within{5};

Result<consumer::BusState> read_state(const Examined& examined) {
    auto connection = Connection::open(examined.as("tollgate_relay"));
    if (!connection) return std::unexpected{connection.error()};
    return postgres::transact(*connection, consumer::read_bus);
}

void examine_topics(kafka::Admin& admin, const relay::TopicRules& rules, std::int32_t brokers,
                    Findings& findings) {
    const auto wanted = relay::wanted_topics(rules);
    std::vector<std::string> names;
    names.reserve(wanted.size());
    for (const auto& each : wanted) names.push_back(each.name);
    const auto there = admin.describe_topics(names, brokers_answer_within);
    if (!there) {
        findings.failed("topics", there.error());
        return;
    }
    std::size_t sound = 0;
    for (const auto& each : wanted) {
        const auto found = std::ranges::find(*there, each.name, &kafka::TopicDescription::name);
        if (found == there->end()) {
            findings.weak("topics", fmt::format("{} is not there", each.name),
                          "the relay makes it when it starts, if it may");
            continue;
        }
        const auto weak = relay::weaknesses(*found, each, rules, brokers);
        sound += weak.empty() ? 1 : 0;
        for (const std::string& what : weak)
            findings.weak("topics", fmt::format("{}: {}", each.name, what),
                          "change it with your tool for topics; Tollgate never changes one that is there");
    }
    if (sound > 0) findings.good("topics", fmt::format("{} of {} as they should be", sound, wanted.size()));
}

void examine_brokers(const Examined& examined, Findings& findings) {
    const auto settings = examined.kafka.client("tollgate-doctor");
    if (!settings) {
        findings.failed("brokers", settings.error());
        return;
    }
    auto admin = kafka::Admin::create(*settings);
    if (!admin) {
        findings.failed("brokers", admin.error());
        return;
    }
    const auto cluster = admin->cluster(brokers_answer_within);
    if (!cluster) {
        findings.failed(
            "brokers", cluster.error(),
            "start them, or mend TOLLGATE_KAFKA_BROKERS; until then the journal keeps what comes");
        return;
    }
    constexpr std::int32_t enough = 3;
    if (cluster->brokers < enough) {
        findings.weak("brokers",
                      fmt::format("{} of them: one that is lost takes records along", cluster->brokers),
                      "three or more, so that each record is on two when it is acknowledged");
    } else {
        findings.good("brokers", fmt::format("{} of them, cluster {}", cluster->brokers, cluster->id));
    }
    examine_topics(*admin, examined.relay.topics(examined.kafka), cluster->brokers, findings);
}

}  // namespace

void examine_bus(const Examined& examined, Findings& findings) {
    const auto state = read_state(examined);
    if (!state) {
        findings.failed("bus", state.error());
        return;
    }
    const bool has_brokers = !examined.kafka.brokers.empty();
    if (state->bus == Bus::kafka && !has_brokers) {
        findings.bad("bus", "it is Kafka, and no brokers are configured here: consumers will not start",
                     "set TOLLGATE_KAFKA_BROKERS, or turn back with `tollgate bus journal`");
    } else if (state->bus == Bus::journal && has_brokers) {
        findings.weak("bus",
                      "it is the journal, and brokers are configured: consumers that are given them "
                      "will not start",
                      "turn to Kafka with `tollgate bus kafka`, or take TOLLGATE_KAFKA_BROKERS away");
    } else {
        findings.good("bus", state->bus == Bus::kafka ? "Kafka" : "the journal, in Postgres alone");
    }
    if (!state->refilling.empty())
        findings.good("bus", fmt::format("being refilled for {}", fmt::join(state->refilling, ", ")));
    if (has_brokers) examine_brokers(examined, findings);
}

}  // namespace tollgate
