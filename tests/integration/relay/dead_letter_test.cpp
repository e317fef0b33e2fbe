// What a consumer could not do, as a record that an SRE's tools can read.
#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr const char* told = R"({"tollgate_consumer": "example", "tollgate_reason": "cannot do 7",
    "tollgate_fingerprint": "00ff", "tollgate_log_topic": "tollgate.raw", "tollgate_log_partition": "3",
    "tollgate_log_offset": "258"})";

void die(const Pipeline& pipeline, const Uuid& id, const std::string& value, const std::string& headers) {
    postgres::Connection owner = pipeline.owner();
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    owner.execute("select consumer.register_consumer('example', 'raw', false)");
    owner.execute(
        "insert into consumer.work (consumer, message_id, tenant, state, reason, topic, key, value, headers) "
        "values ('example', $1, $2, 'dead', 'cannot do 7', 'raw', 'k', $3, $4)",
        id, shop_tenant, postgres::Bytes{value}, postgres::Json{headers});
}

void bury(const Pipeline& pipeline, const Uuid& id) {
    pipeline.owner().execute(
        "insert into journal.entry (child, tenant, topic, event_id, headers) "
        "select child, $1, 'example.dlq', $2, $3 from journal.state",
        shop_tenant, id, postgres::Json{told});
}

}  // namespace

TEST_CASE("a dead letter is its message as it came, and says what Spring's and Connect's viewers look for") {
    const Pipeline pipeline;
    const Uuid id = make_uuid_v7();
    const std::string bytes{"\x01\x00\xff{", 4};
    die(pipeline, id, bytes, R"([["ce_id", ")" + id.text() + R"("], ["eA==", "AAE=", "base64"]])");
    const RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    bury(pipeline, id);
    TopicReader reader{pipeline, "example.dlq"};
    REQUIRE(reader.read_until(1));
    const Seen& seen = reader.seen().front();
    CHECK(seen.key == "k");
    CHECK(seen.value == bytes);
    auto headers = seen.headers;
    CHECK(headers["ce_id"] == id.text());
    CHECK(headers["x"] == std::string("\x00\x01", 2));
    CHECK(headers["tollgate_reason"] == "cannot do 7");
    CHECK(headers["kafka_dlt-exception-message"] == "cannot do 7");
    CHECK(headers["kafka_dlt-original-consumer-group"] == "example");
    CHECK(headers["kafka_dlt-original-partition"] == std::string("\x00\x00\x00\x03", 4));
    CHECK(headers["kafka_dlt-original-offset"] == std::string("\x00\x00\x00\x00\x00\x00\x01\x02", 8));
    CHECK(headers["__connect.errors.partition"] == "3");
    CHECK(headers["__connect.errors.exception.message"] == "cannot do 7");
}

TEST_CASE("a dead letter whose message was done since is passed, and holds up nothing") {
    Pipeline pipeline;
    const RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    const Uuid done = make_uuid_v7();
    // Of a consumer that the relay has not heard of when it starts: its topic is made when it is needed.
    const Uuid dead = make_uuid_v7();
    die(pipeline, dead, "7", R"([["ce_id", ")" + dead.text() + R"("]])");
    bury(pipeline, done);
    bury(pipeline, dead);
    TopicReader reader{pipeline, "example.dlq"};
    REQUIRE(reader.read_until(1));
    CHECK(reader.seen().size() == 1);
    REQUIRE(wait_until([&] { return pipeline.reader().unread == 0; }));
    CHECK(pipeline.owner().execute("select count(*) from journal.refused").only().get<std::int64_t>(0) == 0);
}
