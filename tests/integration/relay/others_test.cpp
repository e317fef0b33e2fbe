// What we send is read by clients that know nothing of us.
#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using test::event;
using test::Pipeline;
using test::RelayProcess;

TEST_CASE("the CloudEvents SDK and a plain Kafka client read the records") {
    Pipeline pipeline;
    archive::Event full = event("cus_1", R"({"paid": true})");
    full.subject = "in_1";
    archive::Event text = event("cus_2", "id=1&paid=true");
    text.content_type = "application/x-www-form-urlencoded";
    const archive::Event large = event("cus_3", "{" + std::string(300'000, ' ') + "}");
    pipeline.put({full, text, large});
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());

    test::ChildProcess others{test::source_file(".local/python/bin/python"),
                              {test::source_file("tests/integration/relay/read_with_others.py"),
                               pipeline.broker(), pipeline.topic("raw"), "3"}};
    const int code = others.wait(std::chrono::seconds{90});
    INFO(others.err());
    REQUIRE(code == 0);
    const auto expected = [](const archive::Event& sent, const std::string& data,
                             const std::string& subject) {
        return fmt::format(
            R"({{"content": "{}", "data": {}, "id": "{}", "key": "{}/shop/{}", "source": "/tenants/{}/sources/shop", )"
            R"("subject": {}, "tenant": "{}", "time": "2026-09-21T14:13:20+00:00", "type": "stripe.charge.succeeded"}})"
            "\n",
            *sent.content_type, data, sent.id, sent.tenant, *sent.ordering_key, sent.tenant, subject,
            sent.tenant);
    };
    // A body that goes by reference is read from the archive, not from the record.
    CHECK(others.out() == expected(full, R"({"paid": true})", R"("in_1")") +
                              expected(text, R"("id=1&paid=true")", "null") +
                              expected(large, "null", "null"));
}
