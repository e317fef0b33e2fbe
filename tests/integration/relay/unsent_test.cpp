// What delivery could not send, as a record.
#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using namespace tollgate::test;

TEST_CASE("a message that was never sent is a dead letter with its payment event as it was") {
    const Pipeline pipeline;
    const Uuid id = make_uuid_v7();
    postgres::Connection owner = pipeline.owner();
    owner.execute("select archive.make_days(1)");
    owner.execute(
        "insert into archive.payment_event (id, tenant, source, provider, category, type, ordering_key, "
        "data) "
        "values ($1, $2, 'shop', 'stripe', 'money_in', 'charge.succeeded', 'ch_1', 'bytes')",
        id, shop_tenant);
    const RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    owner.execute(
        "insert into journal.entry (child, tenant, topic, event_id, headers) "
        "select child, $1, 'delivery.dlq', $2, '{\"stage\": \"send\", \"tollgate_reason\": \"no channel\"}' "
        "from journal.state",
        shop_tenant, id);
    TopicReader reader{pipeline, "delivery.dlq"};
    REQUIRE(reader.read_until(1));
    const Seen& seen = reader.seen().front();
    CHECK(seen.value == "bytes");
    CHECK(seen.key.ends_with("/shop/ch_1"));
    auto headers = seen.headers;
    CHECK(headers["ce_type"] == "tollgate.payment.money_in");
    CHECK(headers["stage"] == "send");
    CHECK(headers["kafka_dlt-exception-message"] == "no channel");
}
