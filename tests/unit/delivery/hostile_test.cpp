// Whatever an event holds, its message keeps to Slack's limits, refers to nobody and breaks nothing.
#include <random>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "delivery/clusters.hpp"
#include "delivery/compose.hpp"
#include "delivery/gathered.hpp"
#include "delivery/preview.hpp"
#include "delivery/readable.hpp"
#include "delivery/slack.hpp"
#include "delivery/slack_limits.hpp"
#include "delivery/story.hpp"
#include "telemetry/text.hpp"
#include "unit/delivery/examples.hpp"

using namespace tollgate::delivery;
namespace json = boost::json;
using google::protobuf::FieldDescriptor;

namespace {

constexpr std::size_t deep = 3;

class Generator {
public:
    explicit Generator(std::uint32_t seed) : random_{seed} {}

    std::size_t below(std::size_t limit) { return random_() % limit; }
    bool once_in(std::size_t times) { return below(times) == 0; }

    std::string text() {
        static const std::vector<std::string> pieces{"Acme",
                                                     "<!channel>",
                                                     "<@U123>",
                                                     "<https://evil.example|Acme>",
                                                     "*b*",
                                                     "_i_",
                                                     "~s~",
                                                     "```",
                                                     "`",
                                                     "&amp;",
                                                     "&",
                                                     ">",
                                                     "\n",
                                                     "\r\n\t",
                                                     "שלום",
                                                     "مرحبا",
                                                     "👨‍👩‍👧‍👦",
                                                     "🇦🇹",
                                                     "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
                                                     "e\u0301\u0301\u0301\u0301\u0301\u0301",
                                                     "\u202e",
                                                     "\u2066",
                                                     "\x1b[31m",
                                                     std::string(1, '\0'),
                                                     "\xff\xfe",
                                                     "\xf0\x9f",
                                                     "漢字",
                                                     "<script>alert(1)</script>",
                                                     "@here",
                                                     "#general",
                                                     "https://evil.example/",
                                                     "{who}",
                                                     "[{amount}]",
                                                     "|",
                                                     "\"",
                                                     "\\",
                                                     "\u200b",

                                                     " ",
                                                     ", ",
                                                     ". "};
        std::string text;
        const std::size_t count = once_in(8) ? 3'000 : below(6);
        const std::string& often = pieces[below(pieces.size())];
        for (std::size_t i = 0; i < count; ++i) text += once_in(2) ? often : pieces[below(pieces.size())];
        return text;
    }

    std::string field_text(std::string_view field) {
        static constexpr std::array currencies{"USD", "JPY", "KWD", "usd", "XYZ", ""};
        if (field == "currency" && !once_in(4)) return currencies.at(below(currencies.size()));
        if (field.ends_with("url") && !once_in(3))
            return "https://acme.example/" + std::string(below(1'200), 'x');
        return text();
    }

    std::int64_t number() {
        switch (below(4)) {
            case 0:
                return static_cast<std::int64_t>(random_());
            case 1:
                return static_cast<std::int64_t>(below(200'000));
            case 2:
                return -static_cast<std::int64_t>(below(200'000));
            default:
                return 1'795'000'000 + static_cast<std::int64_t>(below(2'000'000));
        }
    }

    // Any value in any field, by the contract's own description of itself.
    void fill(google::protobuf::Message& message, std::size_t depth = 0) {
        const auto& descriptor = *message.GetDescriptor();
        for (int i = 0; i < descriptor.field_count(); ++i) {
            const FieldDescriptor& field = *descriptor.field(i);
            if (once_in(4)) continue;
            if (!field.is_repeated()) {
                set(message, field, depth);
                continue;
            }
            const std::size_t count = once_in(6) ? 200 : below(8);
            for (std::size_t element = 0; element < count; ++element) add(message, field, depth);
        }
    }

private:
    void set(google::protobuf::Message& message, const FieldDescriptor& field, std::size_t depth) {
        const auto& reflection = *message.GetReflection();
        switch (field.cpp_type()) {
            case FieldDescriptor::CPPTYPE_STRING:
                reflection.SetString(&message, &field, field_text(field.name()));
                break;
            case FieldDescriptor::CPPTYPE_INT32:
                reflection.SetInt32(&message, &field, static_cast<std::int32_t>(number()));
                break;
            case FieldDescriptor::CPPTYPE_INT64:
                reflection.SetInt64(&message, &field, number());
                break;
            case FieldDescriptor::CPPTYPE_UINT32:
                reflection.SetUInt32(&message, &field,
                                     static_cast<std::uint32_t>(
                                         once_in(2) ? number() : static_cast<std::int64_t>(below(120))));
                break;
            case FieldDescriptor::CPPTYPE_UINT64:
                reflection.SetUInt64(&message, &field, static_cast<std::uint64_t>(number()));
                break;
            case FieldDescriptor::CPPTYPE_ENUM:
                reflection.SetEnumValue(&message, &field,
                                        field.enum_type()
                                            ->value(static_cast<int>(below(
                                                static_cast<std::size_t>(field.enum_type()->value_count()))))
                                            ->number());
                break;
            case FieldDescriptor::CPPTYPE_MESSAGE:
                if (depth < deep) fill(*reflection.MutableMessage(&message, &field), depth + 1);
                break;
            default:
                FAIL("the contract has a kind of field that is not generated: " << field.full_name());
        }
    }

    void add(google::protobuf::Message& message, const FieldDescriptor& field, std::size_t depth) {
        const auto& reflection = *message.GetReflection();
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
            reflection.AddString(&message, &field, field_text(field.name()));
        } else if (depth < deep) {
            fill(*reflection.AddMessage(&message, &field), depth + 1);
        }
    }

    std::mt19937_64 random_;
};

// What is left when every reference that we make ourselves is taken away.
std::string without_our_markup(std::string text) {
    for (const auto& [begin, end] :
         {std::pair{"<!date^", ">"}, std::pair{"<!subteam^S1>", ">"}, std::pair{"<https://", ">"}}) {
        for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
            const auto close = text.find(end, at);
            text.erase(at, close == std::string::npos ? close : close - at + 1);
        }
    }
    return text;
}

void check_text(std::string_view name, std::string_view text) {
    CHECK(tollgate::telemetry::valid_utf8(text) == text);
    for (std::string_view rest = text; !rest.empty();) {
        const CodePoint point = first_code_point(rest);
        const bool control =
            (point.value < 0x20 && point.value != '\n') || (point.value >= 0x7F && point.value < 0xA0);
        const bool turns = (point.value >= 0x202A && point.value <= 0x202E) || point.value == 0x2066 ||
                           point.value == 0x2067;
        if (control || turns)
            FAIL_CHECK(name << " holds U+" << std::hex << static_cast<std::uint32_t>(point.value));
        rest.remove_prefix(point.bytes.size());
    }
    if (name == "url" || name == "image_url") return;
    const std::string words = without_our_markup(std::string{text});
    if (words.find_first_of("<>") != std::string::npos) FAIL_CHECK(name << " refers to something: " << words);
    for (auto at = words.find('&'); at != std::string::npos; at = words.find('&', at + 1)) {
        const std::string_view entity = std::string_view{words}.substr(at);
        CHECK((entity.starts_with("&amp;") || entity.starts_with("&lt;") || entity.starts_with("&gt;")));
    }
}

void check_texts(std::string_view name, const json::value& value) {
    if (const auto* const text = value.if_string()) check_text(name, *text);
    if (const auto* const object = value.if_object()) {
        for (const auto& [member, inner] : *object) check_texts(member, inner);
    }
    if (const auto* const elements = value.if_array()) {
        for (const json::value& inner : *elements) check_texts(name, inner);
    }
}

void check_message(const Message& message) {
    CHECK_FALSE(message.headline.empty());
    const SlackPlace place{.channel = "C1", .delivery_id = "d", .user_group = "S1"};
    for (const SlackForm form : {SlackForm::blocks, SlackForm::text_only}) {
        const std::string body = slack_json(message, place, form);
        for (const std::string& violation : slack_violations(body)) FAIL_CHECK(violation);
        check_texts("", json::parse(body));
    }
    for (const std::size_t width : {24U, 40U, 80U}) {
        const std::string page = preview(message, {.columns = width});
        CHECK(page.find('\x1b') == std::string::npos);
        std::istringstream lines{page};
        for (std::string line; std::getline(lines, line);) {
            const bool link = line.find("] https://") != std::string::npos;
            if (!link && columns(line) > width) FAIL_CHECK(columns(line) << " columns: " << line);
        }
    }
}

}  // namespace

TEST_CASE("any event at all becomes a message that Slack takes and that harms nobody") {
    for (std::uint32_t seed = 0; seed < 150; ++seed) {
        INFO("seed " << seed);
        Generator generator{seed};
        tollgate::v1::PaymentEvent event;
        generator.fill(event);
        auto circumstances =
            tollgate::test::circumstances(generator.once_in(2) ? Tone::playful : Tone::neutral);
        circumstances.email_addresses = EmailAddresses::full;
        circumstances.why = generator.text();
        circumstances.may_be_repeat = generator.once_in(2);
        check_message(compose(event, circumstances));
        const auto follow = follow_up({.began = generator.text(), .priority = tollgate::v1::PRIORITY_TODAY},
                                      event, circumstances);
        check_message(follow.reply);
        if (follow.parent) check_message(*follow.parent);
    }
}

TEST_CASE("any list of events becomes a card and a digest that Slack takes") {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        INFO("seed " << seed);
        Generator generator{seed};
        std::vector<tollgate::v1::PaymentEvent> events(1 + generator.below(40));
        for (auto& event : events) generator.fill(event);
        const auto circumstances = tollgate::test::circumstances(Tone::playful);
        check_message(compose_digest({.title = generator.text(), .events = events}, circumstances));
        check_message(compose_storm({.events = events}, circumstances));
    }
}

TEST_CASE("a name of ten thousand bytes takes nothing away from what matters") {
    auto event = tollgate::test::example("dispute_opened");
    event.mutable_company()->set_name(std::string(10'000, 'W'));
    const Message message = compose(event, tollgate::test::circumstances(Tone::neutral));
    CHECK_THAT(message.headline, Catch::StartsWith("Dispute: WWW") && Catch::Contains("…") &&
                                     Catch::Contains("$420.00") && Catch::EndsWith("evidence due in 7 days"));
    event = tollgate::test::example("subscription_upgraded");
    for (auto* const name : {event.mutable_company()->mutable_name(), event.mutable_plan()->mutable_name(),
                             event.mutable_previous_plan()->mutable_name()}) {
        *name = std::string(10'000, 'W');
    }
    CHECK_THAT(compose(event, tollgate::test::circumstances(Tone::neutral)).headline,
               Catch::EndsWith("(+$70 MRR, +241 %)"));
}

TEST_CASE("a repeat reads exactly as the first did") {
    for (const auto& [name, event] : tollgate::test::examples()) {
        const auto circumstances = tollgate::test::circumstances(Tone::playful);
        CHECK(slack_json(compose(event, circumstances)) == slack_json(compose(event, circumstances)));
    }
}
