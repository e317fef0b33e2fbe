#include "effects.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "consumer/again.hpp"
#include "journal/readers.hpp"
#include "kafka/log_reader.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

using postgres::Row;
using postgres::Transaction;

namespace {

constexpr std::string_view condemned_by_kills = "processes ended while this message was the only one";
constexpr std::chrono::milliseconds answer_max{5000};

std::vector<journal::ReaderState> readers(const World& world) {
    postgres::Connection connection = open(world.pipeline().settings("relay"));
    return must(journal::list_readers(connection));
}

bool is_read(const World& world) {
    return std::ranges::all_of(readers(world), [](const journal::ReaderState& reader) {
        return reader.unread == 0 && !reader.behind_since;
    });
}

// Of the topic: there is no record at any of its partitions' positions.
bool is_taken_from_kafka(const World& world) {
    auto log = must(kafka::LogReader::create({.brokers = world.pipeline().broker()}, "tests"));
    const std::string topic = world.pipeline().topic("raw");
    postgres::Connection connection = world.connection();
    const auto rows = connection.execute(
        "select p.partition, p.next from consumer.position p where p.consumer = $1 and p.topic = $2",
        consumer_name, topic);
    return std::ranges::none_of(rows, [&](const Row& row) {
        const kafka::TopicPartition partition{topic, row.get<std::int32_t>(0)};
        const auto next = std::max<std::int64_t>(row.get<std::int64_t>(1), 0);
        return must(log.read_at(partition, next, answer_max)).has_value();
    });
}

void replay(const World& world, const std::vector<Uuid>& ids) {
    const tenants::Actor ann{.name = "ann", .role = tenants::Role::operator_, .tenants = {}};
    postgres::Connection connection = open(world.pipeline().settings("operator"));
    const auto again = must(transact(connection, [&](Transaction& tx) {
        return consumer::replay(tx, ann, consumer_name, ids, "they were killed, and do no harm");
    }));
    CHECK(again.started == static_cast<std::int64_t>(ids.size()));
}

std::string lines(const std::vector<std::string>& all) {
    return fmt::format("{}", fmt::join(all, "\n"));
}

}  // namespace

std::string waits_for(const World& world) {
    const auto events = static_cast<std::int64_t>(world.published().size());
    if (const auto taken = world.count("consumer.inbox"); taken != events)
        return fmt::format("{} of {} events are in the inbox", taken, events);
    if (const auto due = world.count("consumer.work where due_at is not null"); due != 0)
        return fmt::format("{} rows are due", due);
    if (world.count("consumer.consumer where refill_after is not null") != 0) return "a refill is under way";
    if (!is_read(world)) return "not all of the journal was read";
    if (world.bus() == consumer::Bus::kafka && !is_taken_from_kafka(world))
        return "not all of the topic was read";
    return "";
}

bool comes_to_rest(const World& world, std::chrono::milliseconds deadline) {
    // A look costs several connections.
    constexpr std::chrono::milliseconds between_looks{100};
    auto next = std::chrono::steady_clock::now();
    return wait_until(
        [&] {
            if (std::chrono::steady_clock::now() < next) return false;
            next = std::chrono::steady_clock::now() + between_looks;
            return waits_for(world).empty();
        },
        deadline);
}

std::vector<Dead> dead(const World& world) {
    postgres::Connection connection = world.connection();
    std::vector<Dead> all;
    for (const Row row :
         connection.execute("select message_id, reason from consumer.work where state = 'dead'"))
        all.push_back({.id = row.get<Uuid>(0), .reason = row.get<std::string>(1)});
    return all;
}

std::map<Uuid, std::int64_t> effects(const World& world) {
    postgres::Connection connection = world.owner();
    std::map<Uuid, std::int64_t> found;
    for (const Row row : connection.execute("select event_id, count(*) from public.effect group by event_id"))
        found[row.get<Uuid>(0)] = row.get<std::int64_t>(1);
    return found;
}

std::vector<std::string> strange(const World& world) {
    std::vector<std::string> found;
    std::map<Uuid, std::int64_t> left = effects(world);
    std::map<Uuid, std::int64_t> wanted;
    for (const Uuid& id : world.published()) wanted[id] = 1;
    for (const Dead& each : dead(world)) {
        wanted[each.id] = 0;
        if (!each.reason.contains(condemned_by_kills))
            found.push_back(fmt::format("{} is dead: {}", each.id, each.reason));
    }
    for (const auto& [id, times] : wanted) {
        if (const auto has = left[id]; has != times)
            found.push_back(fmt::format("{} has {} effects and not {}", id, has, times));
        left.erase(id);
    }
    for (const auto& [id, times] : left)
        found.push_back(fmt::format("an effect of {}, which is no event", id));
    return found;
}

std::size_t require_each_effect_once(const World& world) {
    if (!comes_to_rest(world)) FAIL("it does not come to rest: " << waits_for(world));
    if (const auto found = strange(world); !found.empty()) FAIL(lines(found));
    std::vector<Uuid> condemned;
    for (const Dead& each : dead(world)) condemned.push_back(each.id);
    if (!condemned.empty()) replay(world, condemned);
    if (!comes_to_rest(world)) FAIL("it does not come to rest after the replay: " << waits_for(world));
    if (const auto found = strange(world); !found.empty()) FAIL(lines(found));
    CHECK(dead(world).empty());
    CHECK(effects(world).size() == world.published().size());
    return condemned.size();
}

std::vector<std::string> positions(const World& world) {
    std::vector<std::string> all;
    if (world.bus() == consumer::Bus::journal) {
        for (const journal::ReaderState& reader : readers(world))
            all.push_back(fmt::format("{}: {} {} of {}", reader.name, reader.position.tick,
                                      reader.position.seq, reader.epoch));
        return all;
    }
    postgres::Connection connection = world.connection();
    for (const Row row : connection.execute(
             "select format('%s: %s after %s', p.partition, p.next, p.last_id) from consumer.position p "
             "order by p.partition"))
        all.push_back(row.get<std::string>(0));
    return all;
}

}  // namespace tollgate::test
