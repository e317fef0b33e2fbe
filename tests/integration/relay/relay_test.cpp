// What goes onto the topics, and what does not.
#include <csignal>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/http_get.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using Catch::Contains;
using test::event;
using test::Pipeline;
using test::RelayProcess;
using test::TopicReader;

namespace {

bool all_is_passed(const Pipeline& pipeline) {
    return test::wait_until([&] { return pipeline.reader().unread == 0 && !pipeline.reader().behind_since; },
                            30s);
}

struct SetAside {
    Uuid event_id;
    std::string reason;
};

std::vector<SetAside> set_aside(const Pipeline& pipeline) {
    postgres::Connection connection = pipeline.owner();
    std::vector<SetAside> found;
    for (const postgres::Row row : connection.execute(
             "select event_id, reason from journal.refused where reader = 'relay' order by id"))
        found.push_back({row.get<Uuid>(0), row.get<std::string>(1)});
    return found;
}

}  // namespace

TEST_CASE("events come onto the topic once and in the order of their commits") {
    Pipeline pipeline;
    std::map<std::string, std::vector<std::string>> expected;
    for (int commit = 0; commit < 60; ++commit) {
        std::vector<archive::Event> events;
        for (int i = 0; i < 50; ++i) {
            events.push_back(event(fmt::format("key{}", i % 20), fmt::format("{}/{}", commit, i)));
            expected[*events.back().ordering_key].push_back(events.back().body);
        }
        pipeline.put(events);
    }
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(3000));
    CHECK(reader.seen().size() == 3000);
    CHECK(reader.first_occurrences() == expected);
    REQUIRE(all_is_passed(pipeline));

    // What comes while it waits.
    const archive::Event late = event("late", "{}");
    pipeline.put({late});
    REQUIRE(reader.read_until(3001));
    const test::Seen& seen = reader.seen().back();
    CHECK(seen.key == fmt::format("{}/shop/late", test::shop_tenant));
    CHECK(seen.headers.at("ce_id") == late.id.text());
    CHECK(seen.headers.at("ce_source") == fmt::format("/tenants/{}/sources/shop", test::shop_tenant));
    CHECK(seen.headers.at("ce_type") == "stripe.charge.succeeded");
    REQUIRE(all_is_passed(pipeline));
    CHECK(relay.metric("records_produced_total") == 3001);
    CHECK(relay.metric("producing") == 1);
    CHECK(relay.metric("records_refused_total") == 0);
}

TEST_CASE("the topics are made as they should be and a weak one is told of") {
    Pipeline pipeline;
    const kafka::TopicToCreate weak{
        .name = pipeline.topic("payment"), .partitions = 2, .configs = {{"retention.ms", "1000000"}}};
    REQUIRE(pipeline.admin().create_topics({&weak, 1}, 30s));
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    CHECK(relay.metric("topics_weak") == 1);
    CHECK_THAT(relay.log(), Contains("2 partitions of 12") && Contains("retention.ms is 1000000"));
    const std::vector<std::string> names{pipeline.topic("raw"), pipeline.topic("payment"),
                                         pipeline.topic("delivery.dlq")};
    const auto topics = test::must(pipeline.admin().describe_topics(names, 30s));
    REQUIRE(topics.size() == 3);
    CHECK(topics[0].partitions == 3);  // by name: delivery.dlq, payment, raw
    CHECK(topics[0].configs.at("retention.ms") == "2592000000");
    CHECK(topics[1].partitions == 2);
    CHECK(topics[2].partitions == 12);
    CHECK(topics[2].configs.at("retention.ms") == "604800000");
}

TEST_CASE("a topic that keeps records for longer than events are kept is told of, with what to do") {
    Pipeline pipeline;
    const kafka::TopicToCreate forty_days{
        .name = pipeline.topic("raw"), .partitions = 12, .configs = {{"retention.ms", "3456000000"}}};
    REQUIRE(pipeline.admin().create_topics({&forty_days, 1}, 30s));
    {
        RelayProcess relay{pipeline};
        REQUIRE(relay.becomes_ready());
        CHECK(relay.metric("topics_weak") == 1);
        CHECK_THAT(relay.log(), Contains("retention.ms is 3456000000") &&
                                    Contains("Set retention.ms below 3024000000 on the topic, or raise "
                                             "retention.horizon_days"));
    }
    RelayProcess relay{pipeline, {{"TOLLGATE_RETENTION_HORIZON_DAYS", "41"}}};
    REQUIRE(relay.becomes_ready());
    CHECK(relay.metric("topics_weak") == 0);
}

TEST_CASE("a large body goes by reference and a part of a request goes alone") {
    Pipeline pipeline;
    const archive::Event large = event("large", std::string(300'000, 'x'));
    const auto ids = std::vector{make_uuid_v7(), make_uuid_v7()};
    std::vector<archive::Event> of_one_request{event("first", "onetwo"), event("second", "")};
    for (std::size_t i = 0; i < 2; ++i) {
        of_one_request[i].id = ids[i];
        of_one_request[i].slice =
            archive::Slice{.of = ids[0], .offset = static_cast<std::int32_t>(3 * i), .length = 3};
    }
    pipeline.put({large});
    pipeline.put(of_one_request);
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(3));
    std::map<std::string, test::Seen> by_key;
    for (const test::Seen& seen : reader.seen()) by_key[seen.key.substr(seen.key.rfind('/') + 1)] = seen;
    CHECK(by_key["large"].value.empty());
    CHECK(by_key["large"].headers["tollgate_ref"] == "archive");
    CHECK(by_key["first"].value == "one");
    CHECK(by_key["second"].value == "two");
    CHECK_FALSE(by_key["second"].headers.contains("tollgate_ref"));
}

TEST_CASE("what the broker refuses for good is set aside and the rest goes on in order") {
    Pipeline pipeline;
    const kafka::TopicToCreate small{
        .name = pipeline.topic("raw"), .partitions = 12, .configs = {{"max.message.bytes", "3000"}}};
    REQUIRE(pipeline.admin().create_topics({&small, 1}, 30s));
    std::vector<archive::Event> events;
    for (int i = 0; i < 400; ++i) events.push_back(event("key", fmt::format("{}", i)));
    events[100].body = std::string(8000, 'x');
    events[300].body = std::string(9000, 'y');
    pipeline.put(events);
    RelayProcess relay{pipeline, {{"TOLLGATE_RELAY_COMPRESSION", "none"}}};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(398));
    REQUIRE(all_is_passed(pipeline));

    const auto refused = set_aside(pipeline);
    REQUIRE(refused.size() == 2);
    CHECK(refused[0].event_id == events[100].id);
    CHECK(refused[1].event_id == events[300].id);
    CHECK_THAT(refused[0].reason, Contains("MSG_SIZE_TOO_LARGE"));
    CHECK(relay.metric("records_refused_total") == 2);
    CHECK_THAT(relay.log(), Contains(events[100].id.text()));
    std::vector<std::string> expected;
    for (const archive::Event& one : events) {
        if (one.body.size() < 3000) expected.push_back(one.body);
    }
    CHECK(reader.first_occurrences().at("key") == expected);
}

TEST_CASE("an entry whose event is not there is set aside") {
    Pipeline pipeline;
    const Uuid nobodys = make_uuid_v7();
    pipeline.put({event("key", "before")});
    pipeline.append("raw", nobodys);
    pipeline.put({event("key", "after")});
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(2));
    REQUIRE(all_is_passed(pipeline));
    const auto refused = set_aside(pipeline);
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].event_id == nobodys);
    CHECK_THAT(refused[0].reason, Contains("not in the archive"));
}

TEST_CASE("an entry that this build does not know holds up what follows and is told of") {
    Pipeline pipeline;
    pipeline.put({event("key", "before")});
    pipeline.append("weather", make_uuid_v7());
    pipeline.put({event("key", "after")});
    RelayProcess relay{pipeline};
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(1));
    const auto told = [&] {
        const auto answer = test::http_get(relay.probes(), "/healthz/ready");
        return answer.status == 503 && answer.body.contains("weather");
    };
    REQUIRE(test::wait_until(told, 20s));
    // What came before it is saved, and it is looked at again and again.
    REQUIRE(test::wait_until([&] { return pipeline.reader().position.seq > 0; }));
    reader.read_on(2s);
    CHECK(reader.events() == 1);
    CHECK(reader.seen().size() == 1);
    CHECK(relay.metric("producing_blocked") == 1);
    CHECK(test::http_get(relay.probes(), "/healthz/live").status == 200);
    CHECK(set_aside(pipeline).empty());
    relay.process().signal(SIGTERM);
    CHECK(relay.process().wait() == 0);
}

TEST_CASE("a relay does not start where the bus is the journal") {
    Pipeline pipeline;
    pipeline.turn_to(consumer::Bus::journal);
    RelayProcess relay{pipeline};
    CHECK(relay.process().wait() == 1);
    CHECK_THAT(relay.log(), Contains("the bus is journal") && Contains("tollgate bus kafka"));
}

TEST_CASE("a relay whose reader is retired says so and goes on when it is back") {
    Pipeline pipeline;
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    REQUIRE(test::wait_until([&] { return relay.is_producing(); }, 30s));
    pipeline.owner().execute("select journal.retire_reader('relay')");
    // It is sent, and then the position cannot be saved.
    pipeline.put({event("key", "before")});
    REQUIRE(test::wait_until([&] { return relay.log().contains("tollgate bus kafka"); }, 30s));
    CHECK(test::wait_until([&] { return test::http_get(relay.probes(), "/healthz/ready").status == 503; }));
    postgres::Connection owner = pipeline.owner();
    test::must(journal::register_reader(owner, "relay"));
    REQUIRE(relay.becomes_ready());
    pipeline.put({event("key", "after")});
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(2));
    CHECK(reader.first_occurrences().at("key").back() == "after");
}
