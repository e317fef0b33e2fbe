// What the relay keeps of what it has published: sums that are exact, and where each record lies.
#include <csignal>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::event;
using test::Pipeline;
using test::RelayProcess;
using test::TopicReader;

namespace {

struct Sums {
    std::int64_t records = 0;
    std::int64_t again = 0;

    bool operator==(const Sums&) const = default;
};

Sums sums(const Pipeline& pipeline) {
    postgres::Connection connection = pipeline.owner();
    const auto rows = connection.execute(
        "select coalesce(sum(records), 0), coalesce(sum(again), 0) from journal.published where topic = "
        "'raw'");
    const postgres::Row row = rows.only();
    return {row.get<std::int64_t>(0), row.get<std::int64_t>(1)};
}

struct Lies {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
};

std::vector<Lies> places(const Pipeline& pipeline, const Uuid& id) {
    postgres::Connection connection = pipeline.owner();
    return test::must(transact(connection, [&](postgres::Transaction& tx) {
        std::vector<Lies> found;
        for (const auto row :
             tx.execute("select log_topic, log_partition, log_offset from journal.places_of($1, $2, $3)", id,
                        test::shop_tenant, Timestamp{std::chrono::floor<std::chrono::hours>(time_of(id))}))
            found.push_back({row.get<std::string>(0), row.get<std::int32_t>(1), row.get<std::int64_t>(2)});
        return found;
    }));
}

}  // namespace

TEST_CASE("where each record lies is known afterwards") {
    Pipeline pipeline;
    std::vector<archive::Event> events;
    for (int i = 0; i < 300; ++i) events.push_back(event(fmt::format("key{}", i % 20), std::to_string(i)));
    pipeline.put(events);
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(300));
    REQUIRE(test::wait_until([&] { return sums(pipeline) == Sums{300, 0}; }));
    std::map<std::string, test::Seen> by_id;
    for (const test::Seen& seen : reader.seen()) by_id[seen.headers.at("ce_id")] = seen;
    // Of a partition the offsets are those of its records in their order.
    std::map<std::int32_t, std::int64_t> next;
    std::map<std::string, std::int64_t> offsets;
    for (const test::Seen& seen : reader.seen())
        offsets[seen.headers.at("ce_id")] = next[seen.partition.partition]++;
    for (const archive::Event& each : events) {
        const auto found = places(pipeline, each.id);
        REQUIRE(found.size() == 1);
        CHECK(found[0].topic == pipeline.topic("raw"));
        CHECK(found[0].partition == by_id.at(each.id.text()).partition.partition);
        CHECK(found[0].offset == offsets.at(each.id.text()));
    }
    CHECK(places(pipeline, make_uuid_v7()).empty());
}

TEST_CASE("each entry is counted once, however often relays are killed") {
    Pipeline pipeline;
    test::Load load{pipeline};
    for (int kill = 1; kill <= 5; ++kill) {
        RelayProcess relay{pipeline};
        REQUIRE(test::wait_until([&] { return relay.is_producing(); }, 20s));
        const std::size_t before = load.committed();
        REQUIRE(test::wait_until([&] { return load.committed() > before + 150; }, 30s));
        relay.process().signal(SIGKILL);
        relay.process().wait();
    }
    const auto committed = static_cast<std::int64_t>(test::count(load.stop()));
    RelayProcess last{pipeline};
    CHECK(test::wait_until([&] { return sums(pipeline).records >= committed; }, 30s));
    last.process().signal(SIGTERM);
    last.process().wait();
    CHECK(sums(pipeline) == Sums{committed, 0});
}

TEST_CASE("an entry that repeats another is counted apart, and both records are found") {
    Pipeline pipeline;
    const archive::Event first = event("a", "1");
    pipeline.put({first});
    pipeline.owner().execute(
        "insert into journal.entry (child, tenant, topic, event_id, headers) "
        "select s.child, $1, 'raw', $2, '{\"again\": true}' from journal.state s",
        first.tenant, first.id);
    RelayProcess relay{pipeline};
    REQUIRE(test::wait_until([&] { return sums(pipeline) == Sums{1, 1}; }, 30s));
    // In one row, or in one for each.
    CHECK_FALSE(places(pipeline, first.id).empty());
}

TEST_CASE("a record that is set aside is not counted as published") {
    Pipeline pipeline;
    pipeline.append("raw", make_uuid_v7());  // its event is gone
    pipeline.put({event("a", "1")});
    RelayProcess relay{pipeline};
    REQUIRE(test::wait_until([&] { return sums(pipeline).records > 0; }, 30s));
    CHECK(sums(pipeline) == Sums{1, 0});
}
