#include "delivery/slack_limits.hpp"

#include <functional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace tollgate::delivery;
namespace json = boost::json;

namespace {

using Make = std::function<json::object(std::size_t)>;  // a message with so many of something

std::string letters(std::size_t count) {
    return std::string(count, 'x');
}

std::string url(std::size_t length) {
    const std::string start = "https://acme.example/";
    return start + letters(length - start.size());
}

json::object plain(std::size_t count) {
    return {{"type", "plain_text"}, {"text", letters(count)}};
}

json::object of_blocks(const json::array& blocks) {
    return {{"text", "x"}, {"blocks", blocks}};
}

template <typename Value>
json::object with(json::object object, std::string_view name, const Value& value) {
    object[name] = json::value_from(value);
    return object;
}

json::array many(std::size_t count, const json::object& element) {
    json::array elements;
    for (std::size_t i = 0; i < count; ++i) elements.push_back(element);
    return elements;
}

const json::object button{{"type", "button"}, {"text", plain(1)}};
const json::object divider{{"type", "divider"}};
const json::object section{{"type", "section"}, {"text", plain(1)}};
const json::object image{{"type", "image"}, {"alt_text", "x"}, {"image_url", url(30)}};

json::object in_actions(const json::object& element) {
    return of_blocks({json::object{{"type", "actions"}, {"elements", json::array{element}}}});
}

json::object overflow(std::size_t options) {
    return in_actions(
        {{"type", "overflow"}, {"options", many(options, {{"text", plain(1)}, {"value", "x"}})}});
}

json::object confirm(std::size_t title, std::size_t text) {
    return in_actions(with(button, "confirm", json::object{{"title", plain(title)}, {"text", plain(text)}}));
}

json::object sections_of(std::size_t total) {
    json::array blocks;
    for (std::size_t left = total; left > 0;) {
        const std::size_t part = std::min<std::size_t>(left, 3'000);
        blocks.push_back(json::object{{"type", "section"}, {"text", plain(part)}});
        left -= part;
    }
    return of_blocks(blocks);
}

// The total counts the type of a text object's neighbours not at all, but all the words.
struct Limit {
    std::string_view name;
    std::size_t most;
    Make make;
};

std::vector<Limit> limits_of_messages() {
    return {
        {"text", 40'000, [](std::size_t n) { return json::object{{"text", letters(n)}}; }},
        {"blocks", 50, [](std::size_t n) { return of_blocks(many(n, divider)); }},
        {"attachments", 100,
         [](std::size_t n) {
             return json::object{{"text", "x"}, {"attachments", many(n, {{"blocks", json::array{divider}}})}};
         }},
        {"blocks of an attachment", 50,
         [](std::size_t n) {
             return json::object{{"text", "x"},
                                 {"attachments", json::array{json::object{{"blocks", many(n, divider)}}}}};
         }},
        {"all words", 13'200, sections_of},
    };
}

std::vector<Limit> limits_of_blocks() {
    return {
        {"header", 150,
         [](std::size_t n) { return of_blocks({json::object{{"type", "header"}, {"text", plain(n)}}}); }},
        {"section", 3'000, sections_of},
        {"fields", 10,
         [](std::size_t n) {
             return of_blocks({json::object{{"type", "section"}, {"fields", many(n, plain(1))}}});
         }},
        {"field", 2'000,
         [](std::size_t n) {
             return of_blocks({json::object{{"type", "section"}, {"fields", json::array{plain(n)}}}});
         }},
        {"context", 10,
         [](std::size_t n) {
             return of_blocks({json::object{{"type", "context"}, {"elements", many(n, plain(1))}}});
         }},
        {"context_actions", 5,
         [](std::size_t n) {
             return of_blocks({json::object{{"type", "context_actions"}, {"elements", many(n, button)}}});
         }},
        {"actions", 25,
         [](std::size_t n) {
             return of_blocks({json::object{{"type", "actions"}, {"elements", many(n, button)}}});
         }},
        {"markdown", 12'000,
         [](std::size_t n) { return of_blocks({json::object{{"type", "markdown"}, {"text", letters(n)}}}); }},
        {"block_id", 255, [](std::size_t n) { return of_blocks({with(section, "block_id", letters(n))}); }},
        {"image alt_text", 2'000,
         [](std::size_t n) { return of_blocks({with(image, "alt_text", letters(n))}); }},
        {"image_url", 3'000, [](std::size_t n) { return of_blocks({with(image, "image_url", url(n))}); }},
    };
}

std::vector<Limit> limits_of_elements() {
    return {
        {"button text", 75, [](std::size_t n) { return in_actions(with(button, "text", plain(n))); }},
        {"button url", 3'000, [](std::size_t n) { return in_actions(with(button, "url", url(n))); }},
        {"button value", 2'000, [](std::size_t n) { return in_actions(with(button, "value", letters(n))); }},
        {"button label", 75,
         [](std::size_t n) { return in_actions(with(button, "accessibility_label", letters(n))); }},
        {"action_id", 255, [](std::size_t n) { return in_actions(with(button, "action_id", letters(n))); }},
        {"overflow", 5, overflow},
        {"confirm title", 100, [](std::size_t n) { return confirm(n, 1); }},
        {"confirm text", 300, [](std::size_t n) { return confirm(1, n); }},
    };
}

std::vector<std::string> violations(const json::object& message) {
    return slack_violations(json::serialize(message));
}

void check_each(const std::vector<Limit>& limits) {
    for (const auto& [name, most, make] : limits) {
        INFO(name);
        CHECK(violations(make(most)).empty());
        const auto found = violations(make(most + 1));
        CHECK(!found.empty());
        if (!found.empty()) CHECK_THAT(found.front(), Catch::Contains(fmt::format("{}", most)));
    }
}

}  // namespace

TEST_CASE("the limits of a whole message hold at their number and not above") {
    check_each(limits_of_messages());
}

TEST_CASE("the limits of blocks hold at their number and not above") {
    // A section alone ends at its own limit, not at the total.
    auto limits = limits_of_blocks();
    for (auto& limit : limits) {
        if (limit.name != "section") continue;
        limit.make = [](std::size_t n) {
            return of_blocks({json::object{{"type", "section"}, {"text", plain(n)}}});
        };
    }
    check_each(limits);
}

TEST_CASE("the limits of elements hold at their number and not above") {
    check_each(limits_of_elements());
}

TEST_CASE("what is too little is a violation too") {
    CHECK_FALSE(violations(overflow(1)).empty());
    CHECK(violations(overflow(2)).empty());
    CHECK_FALSE(violations({{"blocks", json::array{divider}}}).empty());
    CHECK_FALSE(violations({{"text", ""}}).empty());
    CHECK_FALSE(violations(of_blocks({})).empty());
    CHECK_FALSE(violations(of_blocks({json::object{{"type", "section"}}})).empty());
    CHECK_FALSE(violations(of_blocks({json::object{{"type", "header"}}})).empty());
    CHECK_FALSE(violations(in_actions({{"type", "button"}})).empty());
}

TEST_CASE("what Slack would take and we never send is a violation") {
    CHECK_FALSE(violations(in_actions(with(button, "url", "http://acme.example/"))).empty());
    CHECK_FALSE(violations(in_actions(with(button, "url", "javascript:alert(1)"))).empty());
    CHECK_FALSE(violations(in_actions(with(button, "url", 7))).empty());
    CHECK_FALSE(violations(of_blocks({with(image, "image_url", "http://acme.example/")})).empty());
    const json::object markup{{"type", "mrkdwn"}, {"text", "x"}};
    CHECK_FALSE(violations(of_blocks({json::object{{"type", "header"}, {"text", markup}}})).empty());
    CHECK_FALSE(violations(of_blocks({json::object{{"type", "table"}}})).empty());
    CHECK_FALSE(violations(of_blocks({1})).empty());
}

TEST_CASE("a block_id stands once in a message") {
    const json::object named = with(section, "block_id", "a");
    CHECK(violations(of_blocks({named, section})).empty());
    CHECK_FALSE(violations(of_blocks({named, named})).empty());
}

TEST_CASE("markdown is counted over all its blocks") {
    const auto blocks = [](std::size_t n) {
        return json::object{{"type", "markdown"}, {"text", letters(n)}};
    };
    CHECK(violations(of_blocks({blocks(6'000), blocks(6'000)})).empty());
    CHECK_FALSE(violations(of_blocks({blocks(6'000), blocks(6'001)})).empty());
}

TEST_CASE("a character beyond the first plane counts twice, as Slack may count it") {
    std::string stars;
    for (int i = 0; i < 75; ++i) stars += "🌟";
    const json::object fits{{"type", "plain_text"}, {"text", stars}};
    CHECK(violations(of_blocks({json::object{{"type", "header"}, {"text", fits}}})).empty());
    const json::object beyond{{"type", "plain_text"}, {"text", stars + "x"}};
    CHECK_FALSE(violations(of_blocks({json::object{{"type", "header"}, {"text", beyond}}})).empty());
}

TEST_CASE("what is no JSON object is one violation") {
    CHECK(slack_violations("{").size() == 1);
    CHECK(slack_violations("[]").size() == 1);
    CHECK(slack_violations("").size() == 1);
}
