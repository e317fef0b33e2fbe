// The events that the providers' tests expect of real payloads, as people would read them.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

#include "delivery/compose.hpp"
#include "delivery/preview.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_limits.hpp"
#include "support/child_process.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate::delivery;
namespace test = tollgate::test;

TEST_CASE("what every provider tells becomes a message that Slack takes") {
    const std::filesystem::path folder = test::source_file("tests/unit/providers/golden");
    std::size_t read = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file{entry.path()};
        std::ostringstream text;
        text << file.rdbuf();
        tollgate::v1::PaymentEvent event;
        INFO(entry.path());
        if (!google::protobuf::TextFormat::ParseFromString(text.str(), &event)) continue;
        ++read;
        const Message message = compose(event, test::circumstances(Tone::playful));
        CHECK(slack_violations(slack_json(message)).empty());
        // Two sentences that ran together, or a name that nobody filled in.
        CHECK_THAT(preview(message),
                   !Catch::Contains("..") && !Catch::Contains(" .") && !Catch::Contains("{"));
    }
    CHECK(read > 50);
}

TEST_CASE("what moves money says how much, or that its provider does not tell it") {
    const std::filesystem::path folder = test::source_file("tests/unit/providers/golden/gocardless");
    for (const std::string_view type :
         {"payments.created", "payments.confirmed", "payments.failed", "payments.cancelled",
          "payments.charged_back", "refunds.paid", "refunds.failed", "payouts.paid"}) {
        std::ifstream file{folder / fmt::format("{}.txt", type)};
        std::ostringstream text;
        text << file.rdbuf();
        tollgate::v1::PaymentEvent event;
        INFO(type);
        REQUIRE(google::protobuf::TextFormat::ParseFromString(text.str(), &event));
        const auto message = preview(compose(event, test::circumstances(Tone::neutral)));
        CHECK_THAT(message, Catch::Contains("Amount") && Catch::Contains("not told by GoCardless"));
        event.mutable_amount()->set_minor(4200);
        event.mutable_amount()->set_currency("GBP");
        CHECK_THAT(preview(compose(event, test::circumstances(Tone::neutral))),
                   Catch::Contains("£42.00") && !Catch::Contains("not told"));
    }
}
