#include "worlds.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "consumer/stored.hpp"
#include "journal/append.hpp"
#include "journal/readers.hpp"
#include "journal/schema.hpp"
#include "support/wait.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using archive::Event;
using consumer::Batch;
using consumer::Message;
using postgres::Row;
using postgres::Transaction;

const std::vector<const postgres::Schema*> consumer_schemas{
    &postgres::schema(), &archive::schema(), &journal::schema(), &tenants::schema(), &consumer::schema()};

namespace {

constexpr std::chrono::seconds for_broker{20};

// A server of a test's own, which has neither tables nor roles yet.
void migrate(const postgres::ConnectionSettings& owner_settings) {
    postgres::Connection owner = open(owner_settings);
    must(postgres::migrate(owner, consumer_schemas, [](const std::string&) {}));
    owner.execute_script("create role services login noinherit");
    must(postgres::grant_roles(owner, "services"));
}

void register_reader(const World& world, const std::string& name) {
    postgres::Connection connection = open(world.settings());
    must(journal::register_reader(connection, name));
}

}  // namespace

Uuid tenant() {
    static const Uuid id = make_uuid_v7();
    return id;
}

Event event(const std::string& body, const std::string& key) {
    return {.id = make_uuid_v7(),
            .tenant = tenant(),
            .source = "shop",
            .provider = "stripe",
            .type = "charge.succeeded",
            .ordering_key = key,
            .content_type = "application/json",
            .headers = "content-type: application/json\n",
            .body = body};
}

std::vector<std::string> numbers(int first, int last) {
    std::vector<std::string> all;
    for (int number = first; number <= last; ++number) all.push_back(std::to_string(number));
    return all;
}

std::vector<Event> numbered(int first, int last, const std::string& key) {
    std::vector<Event> events;
    for (const std::string& number : numbers(first, last)) events.push_back(event(number, key));
    return events;
}

std::vector<std::string> values(const std::vector<Message>& messages) {
    std::vector<std::string> all;
    for (const Message& message : messages) all.push_back(message.value.value_or("none"));
    return all;
}

World::World(const std::string& bus, const std::string& name, const PostgresServer* server) {
    if (server != nullptr) {
        owner_ = {.url = server->url(), .application_name = "tests"};
        services_ = server->url("app", "services");
        migrate(owner_);
    } else {
        database_.emplace(consumer_schemas);
        owner_ = database_->owner();
        services_ = database_->service("enrichment").url;
    }
    member_ = {.bus = bus, .name = name, .database = settings()};
    postgres::Connection connection = open(owner());
    Member::create_tables(connection, "tollgate_enrichment");
}

postgres::ConnectionSettings World::settings(const std::string& service) const {
    postgres::ConnectionSettings settings{
        .url = services_, .role = "tollgate_" + service, .application_name = "tests"};
    settings.idle_in_transaction_timeout = std::chrono::minutes{10};
    settings.lock_timeout = std::chrono::minutes{1};
    return settings;
}

void World::publish(const std::vector<Event>& events) {
    postgres::Connection connection = open(settings("ingress"));
    must(transact(connection, [&](Transaction& tx) { archive::write(tx, events); }));
    put_on_bus(events);
}

MemberSettings World::member() const {
    return member_;
}

std::unique_ptr<ChildProcess> World::process(const std::string& how) const {
    const MemberSettings& m = member_;
    return std::make_unique<ChildProcess>(
        built("test-consumer-member"), std::vector<std::string>{how, m.bus, m.name, m.database.url.reveal(),
                                                                m.database.role, m.brokers, m.topic_prefix});
}

std::vector<std::string> World::effects() const {
    postgres::Connection connection = open(owner());
    std::vector<std::string> values;
    for (const Row row : connection.execute("select value from public.effect order by place"))
        values.push_back(row.get<std::string>(0));
    return values;
}

void World::let_go() const {
    open(owner()).execute("insert into public.go values (now())");
}

JournalWorld::JournalWorld(const PostgresServer* server)
    : World{"journal", "enrichment", server},
      keeper_{settings("ingress"), {.look_every = std::chrono::milliseconds{20}}, make_uuid_v4(), metrics_} {
    register_reader(*this, member_.name);
    if (!wait_until([&] { return keeper_.is_keeping(); }))
        throw std::runtime_error{"nobody keeps the journal"};
}

MemberSettings JournalWorld::another_consumer() {
    MemberSettings other = member_;
    other.name = "other";
    register_reader(*this, other.name);
    return other;
}

void JournalWorld::put_on_bus(const std::vector<Event>& events) {
    std::vector<journal::NewEntry> entries;
    for (const Event& each : events)
        entries.push_back({.tenant = each.tenant, .topic = "raw", .event_id = each.id});
    postgres::Connection connection = open(settings("ingress"));
    must(transact(connection, [&](Transaction& tx) { journal::append(tx, entries); }));
}

void JournalWorld::append(const Uuid& event_id, const std::string& topic) {
    postgres::Connection connection = open(settings("ingress"));
    const journal::NewEntry entry{.tenant = tenant(), .topic = topic, .event_id = event_id};
    must(transact(connection, [&](Transaction& tx) { journal::append(tx, {&entry, 1}); }));
}

KafkaWorld::KafkaWorld(std::int32_t partitions, const PostgresServer* server)
    : World{"kafka", "", server}, producer_{must(kafka::Producer::create({.client = broker_.client()}))} {
    member_.name = broker_.group_name();
    member_.brokers = broker_.address();
    member_.topic_prefix = "test-" + make_uuid_v4().text() + ".";
    add_topic("raw", partitions);
}

KafkaWorld::~KafkaWorld() {
    static_cast<void>(broker_.admin().delete_topics(topics_, for_broker));
}

void KafkaWorld::add_topic(const std::string& name, std::int32_t partitions) {
    topics_.push_back(member_.topic_prefix + name);
    const kafka::TopicToCreate wanted{.name = topics_.back(), .partitions = partitions};
    must(broker_.admin().create_topics({&wanted, 1}, for_broker));
}

MemberSettings KafkaWorld::another_consumer() {
    MemberSettings other = member_;
    other.name = broker_.group_name();
    return other;
}

void KafkaWorld::produce(const kafka::Record& record) {
    must(producer_.send(++sent_, record));
    if (producer_.flush(for_broker).acknowledged != sent_) throw std::runtime_error{"not acknowledged"};
}

// As the relay does.
void KafkaWorld::put_on_bus(const std::vector<Event>& events) {
    std::vector<journal::Entry> entries;
    for (const Event& each : events)
        entries.push_back({.tenant = each.tenant, .topic = "raw", .event_id = each.id});
    postgres::Connection connection = open(settings());
    const std::string name = topic();
    std::span<const journal::Entry> left{entries};
    while (!left.empty()) {
        const auto messages = must(consumer::read_messages(connection, left, 1U << 20U));
        for (const Message& message : messages) {
            kafka::Record record{.topic = name, .key = *message.key};
            const std::string_view value = *message.value;
            record.value = consumer::goes_by_reference(message) ? std::string_view{""} : value;
            for (const auto& [header, text] : message.headers) record.headers.push_back({header, text});
            must(producer_.send(++sent_, record));
        }
        left = left.subspan(messages.size());
    }
    if (producer_.flush(for_broker).acknowledged != sent_) throw std::runtime_error{"not acknowledged"};
}

bool read_until(std::initializer_list<Member*> members, const std::function<bool()>& condition,
                std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        for (Member* member : members) {
            const auto read = member->read();
            if (!read) UNSCOPED_INFO(read.error().text());
        }
    }
    return true;
}

bool read_until(Member& member, std::size_t taken) {
    return read_until({&member}, [&] { return member.taken.size() >= taken; });
}

Batch poll_some(Member& member, std::size_t limit) {
    Batch batch;
    const bool came = wait_until(
        [&] {
            auto polled = member.poll(limit);
            if (polled) batch = std::move(*polled);
            return polled && !batch.messages.empty();
        },
        std::chrono::seconds{40});
    if (!came) throw std::runtime_error{"nothing came"};
    return batch;
}

}  // namespace tollgate::test
