#include "fixtures.hpp"

#include <utility>

#include "journal/schema.hpp"

namespace tollgate::test {

using journal::Tenure;
using postgres::Transaction;

const std::vector<const postgres::Schema*> journal_schemas{&postgres::schema(), &journal::schema()};

namespace {

const Uuid tenant = make_uuid_v7();

std::vector<journal::NewEntry> entries(const std::vector<std::int64_t>& events, const std::string& topic) {
    std::vector<journal::NewEntry> entries;
    for (const std::int64_t number : events)
        entries.push_back({.tenant = tenant, .topic = topic, .event_id = event(number)});
    return entries;
}

}  // namespace

Uuid event(std::int64_t number) {
    Uuid id;
    for (std::size_t i = 0; i < 8; ++i)
        id.bytes[15 - i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> (8 * i));
    return id;
}

std::int64_t number_of(const Uuid& event) {
    std::uint64_t number = 0;
    for (std::size_t i = 8; i < 16; ++i) number = (number << 8U) | event.bytes[i];
    return static_cast<std::int64_t>(number);
}

std::vector<std::int64_t> numbers(const journal::Batch& batch) {
    std::vector<std::int64_t> found;
    for (const journal::Entry& entry : batch.entries) found.push_back(number_of(entry.event_id));
    return found;
}

OpenTransaction::OpenTransaction(const postgres::ConnectionSettings& settings)
    : connection_{open(settings)}, transaction_{std::in_place, connection_} {}

void OpenTransaction::append(std::vector<std::int64_t> events, const std::string& topic) {
    journal::append(*transaction_, entries(events, topic));
}

void OpenTransaction::take_xid() {
    transaction_->execute("select pg_current_xact_id()::text");
}

void OpenTransaction::commit() {
    transaction_->commit();
}

void OpenTransaction::abort() {
    transaction_.reset();
}

postgres::ConnectionSettings patient(postgres::ConnectionSettings settings) {
    settings.idle_in_transaction_timeout = std::chrono::minutes{10};
    settings.lock_timeout = std::chrono::minutes{1};
    return settings;
}

postgres::ConnectionSettings migrate(const PostgresServer& server, const std::string& role) {
    postgres::Connection owner = open({.url = server.url()});
    must(postgres::migrate(owner, journal_schemas, [](const std::string&) {}));
    owner.execute_script("create role services login noinherit");
    must(postgres::grant_roles(owner, "services"));
    return patient({.url = server.url("app", "services"), .role = "tollgate_" + role});
}

void append(const postgres::ConnectionSettings& settings, std::vector<std::int64_t> events,
            const std::string& topic) {
    OpenTransaction transaction{settings};
    transaction.append(std::move(events), topic);
    transaction.commit();
}

Journal::Journal()
    : database_{journal_schemas},
      connection_{open(settings())},
      tenure_{must(Tenure::begin(connection_, make_uuid_v4(), epoch_))} {}

postgres::ConnectionSettings Journal::settings(const std::string& service) const {
    return patient(database_.service(service));
}

void Journal::append(std::vector<std::int64_t> events, const std::string& topic) {
    test::append(settings(), std::move(events), topic);
}

Tenure::Tidied Journal::tidy_at_once() {
    return must(tenure_.tidy({.child_bytes_max = 0}));
}

void Journal::begin_tenure() {
    tenure_ = must(Tenure::begin(connection_, make_uuid_v4(), ++epoch_));
}

TestReader::TestReader(const Journal& journal, std::string name, std::vector<std::string> topics,
                       std::int64_t first_epoch)
    : connection_{open(journal.settings("billing"))},
      name_{std::move(name)},
      topics_{std::move(topics)},
      epoch_{first_epoch - 1} {
    must(journal::register_reader(connection_, name_));
    take();
}

TestReader::TestReader(const postgres::ConnectionSettings& settings, std::string name,
                       std::int64_t first_epoch)
    : connection_{open(settings)}, name_{std::move(name)}, epoch_{first_epoch - 1} {
    take();
}

Result<journal::Reader> TestReader::try_take(std::int64_t epoch) {
    return journal::Reader::take(connection_, {.name = name_, .holder = make_uuid_v4(), .epoch = epoch},
                                 topics_);
}

void TestReader::take() {
    reader_.emplace(must(try_take(++epoch_)));
}

Result<void> TestReader::move(const journal::Position& after) {
    return transact(connection_, [&](Transaction& tx) { reader_->move(tx, after); });
}

std::vector<std::int64_t> TestReader::read(std::size_t limit) {
    const auto batch = must(reader_->next(limit));
    if (!batch) return {};
    must(move(batch->after));
    return numbers(*batch);
}

std::vector<std::int64_t> TestReader::read_all(std::size_t limit) {
    std::vector<std::int64_t> all;
    while (const auto batch = must(reader_->next(limit))) {
        must(move(batch->after));
        for (const std::int64_t number : numbers(*batch)) all.push_back(number);
    }
    return all;
}

}  // namespace tollgate::test
