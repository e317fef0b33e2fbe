#include "world.hpp"

#include <array>
#include <csignal>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "support/wait.hpp"

namespace tollgate::test {

using namespace std::chrono_literals;

namespace {

const std::string secret_of_acme = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// The relay makes the topics that the others read.
constexpr auto names_of_others = std::to_array<const char*>(
    {"tollgate-relay", "tollgate-enrichment", "tollgate-billing", "tollgate-delivery"});

std::string provider_of(const std::string& vendor) {
    return vendor == "svix" || vendor == "standardwebhooks" ? "standard_webhooks" : vendor;
}

std::string secret_of(const std::string& tenant) {
    return tenant == "acme" ? secret_of_acme : "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
}

std::string tail(const std::string& text) {
    constexpr std::size_t most = 2000;
    return text.size() > most ? text.substr(text.size() - most) : text;
}

}  // namespace

World::World(Way way, std::shared_ptr<OwnBroker> broker) : way_{way}, own_broker_{std::move(broker)} {
    if (way_ == Way::with_kafka) {
        if (!own_broker_) shared_broker_ = std::make_unique<KafkaBroker>();
        prefix_ = (shared_broker_ ? shared_broker_->topic_name() : "tollgate") + ".";
        REQUIRE(shell("bus kafka --reason test").code == 0);
    }
    make_tenant("acme", secret_of_acme);
    make_channel("payments", "acme");
    start();
}

World::~World() {
    stop(SIGKILL);
    if (!shared_broker_) return;
    std::vector<std::string> topics;
    for (const char* const name : {"raw", "payment", "enrichment.dlq", "billing.dlq", "delivery.dlq"})
        topics.push_back(prefix_ + name);
    CHECK(shared_broker_->admin().delete_topics(topics, 30s).has_value());
}

void World::make_tenant(const std::string& slug, const std::string& secret) {
    REQUIRE(shell("tenant create " + slug).code == 0);
    for (const std::string& vendor : vendors) {
        const Ran made = shell("source create --tenant " + slug + " --provider " + provider_of(vendor) +
                               " --slug " + vendor + " --secret-file " + shell.file("secret", secret));
        INFO(made.err);
        REQUIRE(made.code == 0);
    }
}

void World::make_channel(const std::string& slug, const std::string& tenant) {
    const Ran made =
        shell("destination create " + slug + " --tenant " + tenant +
                  " --kind slack-webhook --messages-per-second 50 --burst 50 --sibling-wait-ms 0 "
                  "--storm-after 0 --secret-file " +
                  shell.file("webhook", slack.webhook(slug)),
              {{"TOLLGATE_SLACK_API_URL", slack.api_url()}, {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"}});
    INFO(made.err);
    REQUIRE(made.code == 0);
    REQUIRE(shell("rule add money --tenant " + tenant + " --destination " + slug +
                  " --category money_in --place 1")
                .code == 0);
}

std::unique_ptr<ChildProcess> World::start_sending(const Sending& sending) const {
    const boost::json::object order{
        {"provider", sending.vendor},
        {"url", fmt::format("http://127.0.0.1:{}/v1/in/{}/{}", port_, sending.tenant, sending.vendor)},
        {"secret", sending.secret.empty() ? secret_of(sending.tenant) : sending.secret},
        {"first", sending.first},
        {"last", sending.last},
        {"each", sending.each},
        {"tamper", sending.tamper},
        {"until_taken", sending.until_taken}};
    return std::make_unique<ChildProcess>(
        source_file(".local/python/bin/node"),
        std::vector<std::string>{source_file("tests/end_to_end/promises/senders.cjs"),
                                 boost::json::serialize(order)},
        ChildProcess::Environment{{"NODE_PATH", source_file(".local/node/node_modules")}});
}

std::vector<SenderAnswer> World::answers(ChildProcess& senders) const {
    // What they were answered last, and what the product says of it, is all that explains senders that go on.
    const bool has_ended = wait_until([&] { return !senders.running(); }, 120s);
    CAPTURE(tail(senders.out()), tail(ingress_ ? ingress_->process().err() : std::string{}));
    REQUIRE(has_ended);
    const int code = senders.wait(1s);
    INFO(senders.err());
    REQUIRE(code == 0);
    std::vector<SenderAnswer> all;
    std::istringstream lines{senders.out()};
    for (std::string line; std::getline(lines, line);) {
        const auto answer = boost::json::parse(line);
        all.push_back({.number = static_cast<int>(answer.at("number").as_int64()),
                       .status = static_cast<int>(answer.at("status").as_int64()),
                       .event_id = std::string{answer.at("event_id").as_string()},
                       .duplicate = answer.at("duplicate").as_bool()});
    }
    return all;
}

std::vector<SenderAnswer> World::send(const Sending& sending) const {
    return answers(*start_sending(sending));
}

ChildProcess::Environment World::environment(bool with_kafka) const {
    ChildProcess::Environment all{
        {"TOLLGATE_DATABASE_URL", shell.database().service("ingress").url.reveal()},
        {"TOLLGATE_SEAL_KEYS_FILE", shell.environment().at("TOLLGATE_SEAL_KEYS_FILE")},
        {"TOLLGATE_SLACK_API_URL", slack.api_url()},
        {"TOLLGATE_SLACK_INTERNAL_HOSTS", "127.0.0.1"},
        {"TOLLGATE_HTTP_PORT", std::to_string(port_)}};
    if (!with_kafka) return all;
    all["TOLLGATE_KAFKA_BROKERS"] = own_broker_ ? own_broker_->address() : shared_broker_->address();
    all["TOLLGATE_KAFKA_TOPIC_PREFIX"] = prefix_;
    return all;
}

void World::start() {
    start_ingress();
    if (way_ == Way::alone) return;
    for (const char* const name : names_of_others)
        others_.push_back(std::make_unique<ServiceProcess>(name, environment(true)));
}

void World::kill_one_of_the_others(std::size_t which) {
    if (others_.empty()) return;
    which %= others_.size();
    others_.at(which)->end(SIGKILL);
    others_.at(which) = std::make_unique<ServiceProcess>(names_of_others.at(which), environment(true));
}

std::vector<pid_t> World::processes() const {
    std::vector<pid_t> all{ingress_->process().pid()};
    for (const auto& each : others_) all.push_back(each->process().pid());
    return all;
}

void World::start_ingress() {
    ingress_ = std::make_unique<ServiceProcess>(way_ == Way::alone ? "tollgate" : "tollgate-ingress",
                                                environment(false));
}

void World::start_ingress_apart() {
    ingress_ = std::make_unique<ServiceProcess>("tollgate-ingress", environment(false));
}

void World::cut_connections_to_postgres() const {
    CHECK(number("select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity "
                 "where datname = current_database() and pid <> pg_backend_pid()) cut") > 0);
}

void World::kill_ingress() {
    ingress_->end(SIGKILL);
    ingress_.reset();
}

void World::stop(int signal) {
    if (ingress_) ingress_->end(signal);
    ingress_.reset();
    for (const auto& each : others_) each->end(signal);
    others_.clear();
}

std::int64_t World::number(const std::string& sql) const {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner.execute(sql).only().get<std::int64_t>(0);
}

void World::check_settled(int events, int payments) {
    // Each consumer has one inbox row for each event, and nothing is left over.
    const bool settled = wait_until(
        [&] {
            return number("select count(*) from consumer.inbox") == std::int64_t{3} * events &&
                   number("select count(*) from consumer.work where state in ('retrying', 'held')") == 0;
        },
        90s);
    CAPTURE(number("select count(*) from consumer.inbox"), number("select count(*) from consumer.work"));
    REQUIRE(settled);
    CHECK(number("select count(*) from archive.event") == events);
    CHECK(number("select count(*) from billing.payment where status = 'succeeded'") == payments);
    CHECK(number("select count(*) from billing.entry where booking = 'capture' and amount_minor = 1000") ==
          payments);
    const bool told_of_all = wait_until(
        [&] {
            return number("select count(*) from delivery.delivery where state = 'delivered'") == payments;
        },
        60s);
    CAPTURE(number("select count(*) from delivery.delivery"));
    CHECK(told_of_all);
}

Ran World::clean_audit() const {
    Ran ran;
    wait_until(
        [&] {
            ran = shell("audit --audit-patience 1ms");
            return ran.code == 0;
        },
        60s);
    return ran;
}

}  // namespace tollgate::test
