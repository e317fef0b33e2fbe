// What makes two dead letters alike, and headers that go through a table and back.
#include "consumer/dead_letter.hpp"

#include <catch2/catch.hpp>

#include "consumer/work_row.hpp"

using namespace tollgate;
using namespace tollgate::consumer;

TEST_CASE("reasons that differ by ids, numbers, addresses and quoted values have one fingerprint") {
    const auto same = [](std::string_view one, std::string_view other) {
        return fingerprint(one) == fingerprint(other);
    };
    CHECK(fingerprint("no such customer").size() == 16);
    CHECK(same("customer 17 not found", "customer 4711 not found"));
    CHECK(same("event 01a1ffd0-2dc6-7000-8ad0-b13a70123d07 failed",
               "event 01a1ffd0-2dc6-7000-8ad0-b13a70123d08 failed"));
    CHECK(same("cannot reach 10.0.0.7:443", "cannot reach 192.168.1.1:8443"));
    CHECK(same("mail to a@b.example failed", "mail to somebody.else@c.example failed"));
    CHECK(same("no rate for \"EUR\"", "no rate for \"USD\""));
    CHECK(same("customer \"Ann Lee\" is unknown", "customer \"Bob\" is unknown"));
    CHECK(same("no object \"cus_1a\"", "no object \"cus_2b\""));
    // Names in quotes tell one failure from another.
    CHECK_FALSE(
        same("violates constraint \"entry_is_whole\"", "violates constraint \"amount_has_currency\""));
    CHECK_FALSE(same("null in column \"plan\"", "null in column \"currency\""));
    CHECK(same("unfinished \"quote", "unfinished \"other quote 7"));
    CHECK_FALSE(same("customer 17 not found", "customer 17 not mapped"));
    CHECK_FALSE(same("a timeout", "a refusal"));
    CHECK(fingerprint("") == fingerprint(""));
}

TEST_CASE("a death tells where the message lay only if it lay in a log") {
    Message message{.topic = "raw", .place = LogPlace{{"tollgate.raw", 3}, 17}};
    const Death death{.consumer = "billing", .reason = "no \"x\"", .build = "1.2", .attempts = 4};
    const std::string headers = death_headers(message, death);
    CHECK_THAT(headers, Catch::Contains(R"("tollgate_log_offset":"17")") &&
                            Catch::Contains(R"("tollgate_log_partition":"3")") &&
                            Catch::Contains(R"("tollgate_attempts":"4")") &&
                            Catch::Contains(R"("tollgate_reason":"no \"x\"")"));
    message.place = journal::Position{};
    CHECK_THAT(death_headers(message, death), !Catch::Contains("tollgate_log"));
    CHECK(dead_letter_topic("billing") == "billing.dlq");
}

TEST_CASE("headers of any bytes are the same after they were stored") {
    const events::Headers all{{"ce_id", "1"},
                              {"ce_id", "twice"},
                              {"", ""},
                              {"utf-8", "\xc3\xa4"},
                              {"zero", std::string{"a\0b", 3}},
                              {"\xff", "name"},
                              {"long", std::string(10'000, 'x')}};
    CHECK(headers_from_json(headers_to_json(all)) == all);
    CHECK(headers_from_json("[]") == events::Headers{});
    for (const std::string_view bad : {"", "{}", "[1]", "[[\"a\"]]", "[[1,2]]", "[[\"a\",\"!\",\"base64\"]]"})
        CHECK_FALSE(headers_from_json(bad));
}
