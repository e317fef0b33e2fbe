#include "kafka/statistics.hpp"

#include <catch2/catch.hpp>

using namespace tollgate::kafka;
using namespace std::chrono_literals;

TEST_CASE("the slowest broker's round trip is taken") {
    ProducerStatistics statistics;
    REQUIRE(read_statistics(R"({"msg_size":7,"txmsg_bytes":1000,"tx_bytes":300,"brokers":{
        "a:1/1":{"rtt":{"avg":1500,"p99":4000}},
        "b:1/2":{"rtt":{"avg":900,"p99":9000}},
        "c:1/3":{}}})",
                            statistics));
    CHECK(statistics.queue_bytes == 7);
    CHECK(statistics.record_bytes == 1000);
    CHECK(statistics.wire_bytes == 300);
    CHECK(statistics.round_trip_average == 1500us);
    CHECK(statistics.round_trip_p99 == 9000us);
}

TEST_CASE("statistics of another shape are survived") {
    ProducerStatistics statistics;
    CHECK(read_statistics("{}", statistics));
    CHECK(read_statistics(R"({"brokers":[1,2],"msg_size":"many"})", statistics));
    CHECK_FALSE(read_statistics("[1]", statistics));
    CHECK_FALSE(read_statistics("{", statistics));
}
