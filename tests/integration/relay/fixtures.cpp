#include "fixtures.hpp"

#include <cstdlib>

#include "archive/days.hpp"
#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "core/pause.hpp"
#include "events/record_key.hpp"
#include "journal/append.hpp"
#include "journal/schema.hpp"
#include "postgres/migrate.hpp"
#include "support/http_get.hpp"
#include "support/wait.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using postgres::Transaction;

const std::vector<const postgres::Schema*> relay_schemas{
    &postgres::schema(), &archive::schema(), &tenants::schema(), &journal::schema(), &consumer::schema()};
const Uuid shop_tenant = make_uuid_v7();

namespace {

constexpr std::chrono::seconds kafka_deadline{30};
constexpr std::size_t keys_under_load = 20;
// So that what gathers during an outage is drained in seconds, by a build with sanitizers too.
constexpr std::chrono::milliseconds between_commits{20};

postgres::ConnectionSettings migrated(const PostgresServer& server, postgres::Schemas schemas) {
    postgres::Connection owner = open({.url = server.url()});
    must(postgres::migrate(owner, schemas, [](const std::string&) {}));
    owner.execute_script("create role services login noinherit");
    must(postgres::grant_roles(owner, "services"));
    return {.url = server.url()};
}

}  // namespace

archive::Event event(const std::string& key, const std::string& body) {
    return {.id = make_uuid_v7(),
            .tenant = shop_tenant,
            .source = "shop",
            .provider = "stripe",
            .type = "charge.succeeded",
            .provider_time = Timestamp{std::chrono::seconds{1'790'000'000}},
            .ordering_key = key,
            .content_type = "application/json",
            .headers = "a: b\n",
            .body = body};
}

std::string shared_broker() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment while tests run
    const char* address = std::getenv("TOLLGATE_TEST_KAFKA");
    if (address == nullptr)
        throw std::runtime_error{"TOLLGATE_TEST_KAFKA is not set: tests/run starts a broker"};
    return address;
}

Pipeline::Pipeline(postgres::ConnectionSettings owner, Secret service, std::string broker)
    : owner_{std::move(owner)},
      service_{std::move(service)},
      broker_{std::move(broker)},
      prefix_{"test-" + make_uuid_v7().text() + "."},
      admin_{must(kafka::Admin::create({.brokers = broker_}))},
      announcer_{settings("ingress"), std::chrono::milliseconds{1}} {
    postgres::Connection connection = open(settings("relay"));
    must(archive::make_days(connection, 1));
    turn_to(consumer::Bus::kafka);
}

void Pipeline::turn_to(consumer::Bus bus) const {
    postgres::Connection connection = open(settings("operator"));
    const tenants::Actor actor{.name = "tests", .role = tenants::Role::operator_, .tenants = {}};
    must(transact(connection, [&](Transaction& tx) {
        return consumer::switch_bus(tx, actor, bus, consumer::InTheWay::who_uses_the_bus, "for a test");
    }));
}

Pipeline::Pipeline(std::string broker, postgres::Schemas schemas)
    : Pipeline{std::make_unique<Database>(schemas), std::move(broker)} {}

Pipeline::Pipeline(std::unique_ptr<Database> database, std::string broker)
    : Pipeline{database->owner(), database->service("relay").url, std::move(broker)} {
    database_ = std::move(database);
}

Pipeline::Pipeline(const PostgresServer& server, postgres::Schemas schemas, std::string broker)
    : Pipeline{migrated(server, schemas), server.url("app", "services"), std::move(broker)} {}

Pipeline::~Pipeline() {
    std::vector<std::string> topics;
    for (const char* const name : {"raw", "payment", "enrichment.dlq", "billing.dlq", "delivery.dlq"})
        topics.push_back(topic(name));
    const auto deleted = admin_.delete_topics(topics, kafka_deadline);
    if (!deleted) std::fprintf(stderr, "a test left topics behind: %s\n", deleted.error().text().c_str());
}

postgres::ConnectionSettings Pipeline::settings(const std::string& role) const {
    return {.url = service_, .role = "tollgate_" + role, .application_name = "tests"};
}

Result<void> Pipeline::try_put(const std::vector<archive::Event>& events) {
    if (!connection_ || !connection_->usable()) {
        connection_.reset();
        auto opened = postgres::Connection::open(settings("ingress"));
        if (!opened) return std::unexpected{opened.error()};
        connection_.emplace(std::move(*opened));
    }
    std::vector<journal::NewEntry> entries;
    for (const archive::Event& one : events)
        entries.push_back({.tenant = one.tenant, .topic = "raw", .event_id = one.id});
    const auto put = transact(*connection_, [&](Transaction& tx) {
        archive::write(tx, events);
        journal::append(tx, entries);
    });
    if (put) announcer_.announce();
    return put;
}

void Pipeline::append(const std::string& topic, const Uuid& event_id) {
    postgres::Connection connection = open(settings("ingress"));
    const journal::NewEntry entry{.tenant = shop_tenant, .topic = topic, .event_id = event_id};
    must(transact(connection, [&](Transaction& tx) { journal::append(tx, {&entry, 1}); }));
    announcer_.announce();
}

journal::ReaderState Pipeline::reader() const {
    postgres::Connection connection = open(settings("relay"));
    return must(journal::list_readers(connection)).at(0);
}

ChildProcess::Environment Pipeline::environment() const {
    return {{"TOLLGATE_DATABASE_URL", service_.reveal()},
            {"TOLLGATE_KAFKA_BROKERS", broker_},
            {"TOLLGATE_KAFKA_TOPIC_PREFIX", prefix_}};
}

namespace {

ChildProcess::Environment with(const Pipeline& pipeline, ChildProcess::Environment more) {
    more.merge(pipeline.environment());
    return more;
}

}  // namespace

RelayProcess::RelayProcess(const Pipeline& pipeline, ChildProcess::Environment more)
    : process_{built("tollgate-relay"),
               {"--probes-port", std::to_string(probes_)},
               with(pipeline, std::move(more))} {}

bool RelayProcess::becomes_ready() const {
    return wait_until([&] { return http_get(probes_, "/healthz/ready").status == 200; },
                      std::chrono::seconds{60});
}

double RelayProcess::metric(const std::string& name) const {
    const std::string text = "\n" + http_get(probes_, "/metrics").body;
    const std::string line = "\ntollgate_relay_" + name + " ";
    const std::size_t at = text.find(line);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
}

TopicReader::TopicReader(const Pipeline& pipeline, const std::string& topic)
    : group_{must(kafka::ConsumerGroup::create({.client = {.brokers = pipeline.broker()},
                                                .group = pipeline.topic("tests"),
                                                .topics = {pipeline.topic(topic)}},
                                               *this))} {}

void TopicReader::poll() {
    const auto polled = must(group_->poll(1000, std::chrono::milliseconds{100}));
    for (const kafka::ReceivedRecord& record : polled.records) {
        Seen one{.partition = record.topic_partition(),
                 .key = std::string{record.key().value_or("")},
                 .value = std::string{record.value().value_or("")}};
        for (const kafka::Header& header : record.headers()) one.headers.emplace(header.name, header.value);
        ids_.insert(one.headers["ce_id"]);
        seen_.push_back(std::move(one));
    }
}

bool TopicReader::read_until(std::size_t events, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (ids_.size() < events && std::chrono::steady_clock::now() < end) poll();
    return ids_.size() >= events;
}

void TopicReader::read_on(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) poll();
}

std::map<std::string, std::vector<std::string>> TopicReader::first_occurrences() const {
    std::map<std::string, std::vector<std::string>> by_key;
    std::set<std::string> known;
    for (const Seen& one : seen_) {
        if (known.insert(one.headers.at("ce_id")).second)
            by_key[one.key.substr(one.key.rfind('/') + 1)].push_back(one.value);
    }
    return by_key;
}

Load::Load(Pipeline& pipeline)
    : pipeline_{pipeline}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Load::run(const std::stop_token& stop) {
    for (std::size_t round = 0; !stop.stop_requested(); ++round) {
        std::vector<archive::Event> events;
        for (std::size_t key = 0; key < keys_under_load; ++key)
            events.push_back(event(fmt::format("key{}", key), fmt::format("{}", round)));
        // Again until it is known to be committed: a commit in doubt that happened refuses the same ids.
        for (auto put = pipeline_.try_put(events); !put; put = pipeline_.try_put(events)) {
            if (put.error().code == ErrorCode::bad_data || put.error().code == ErrorCode::duplicate) break;
        }
        for (const archive::Event& one : events) bodies_[*one.ordering_key].push_back(one.body);
        committed_ += events.size();
        pause(between_commits, stop);
    }
}

std::map<std::string, std::vector<std::string>> Load::stop() {
    thread_.request_stop();
    thread_.join();
    return bodies_;
}

std::size_t count(const std::map<std::string, std::vector<std::string>>& by_key) {
    std::size_t sum = 0;
    for (const auto& [key, values] : by_key) sum += values.size();
    return sum;
}

}  // namespace tollgate::test
