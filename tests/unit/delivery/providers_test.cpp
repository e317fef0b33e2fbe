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
