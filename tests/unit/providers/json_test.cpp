#include "providers/json.hpp"

#include <catch2/catch.hpp>

using Catch::Contains;
using namespace tollgate;
using namespace tollgate::providers;

namespace {

std::string why_not(std::string_view text) {
    const auto json = Json::parse(text);
    if (json) return "";
    CHECK(json.error().code == ErrorCode::invalid);
    return json.error().detail;
}

std::string nested(std::size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
}

}  // namespace

TEST_CASE("what is no JSON document is refused, whatever the bytes") {
    using namespace std::string_view_literals;
    for (const std::string_view text : {""sv,
                                        " "sv,
                                        "{"sv,
                                        "}"sv,
                                        "["sv,
                                        "{}}"sv,
                                        "{}{}"sv,
                                        "{} x"sv,
                                        "[1,]"sv,
                                        "[,1]"sv,
                                        "[1 2]"sv,
                                        "[\"a\" \"b\"]"sv,
                                        "{\"a\":1,}"sv,
                                        "{\"a\"}"sv,
                                        "{\"a\":}"sv,
                                        "{a:1}"sv,
                                        "{\"a\" 1}"sv,
                                        "{\"a\":1 \"b\":2}"sv,
                                        "{\"a\":[1}"sv,
                                        "{\"a\":{\"b\":1]}"sv,
                                        "[\"a]"sv,
                                        "[\"a\nb\"]"sv,
                                        "[tru]"sv,
                                        "[True]"sv,
                                        "[nul]"sv,
                                        "[01]"sv,
                                        "[-]"sv,
                                        "[1.]"sv,
                                        "[.5]"sv,
                                        "[1e]"sv,
                                        "[+1]"sv,
                                        "[0x1]"sv,
                                        "[NaN]"sv,
                                        "['a']"sv,
                                        "[\"\xff\"]"sv,
                                        "[\"\xc0\xaf\"]"sv,
                                        "[\"\xed\xa0\x80\"]"sv,
                                        "\0"sv,
                                        "{}\0"sv,
                                        "{\"a\0\":1}"sv,
                                        "[\0]"sv,
                                        "\"text\""sv,
                                        "5"sv,
                                        "null"sv,
                                        "\xef\xbb\xbf{}"sv,
                                        "[1]]"sv,
                                        "[[1]"sv,
                                        "{\"a\":1}}"sv,
                                        "{\"a\\q\":1}"sv}) {
        INFO(text);
        CHECK_THAT(why_not(text), Catch::StartsWith("the body is not JSON: "));
    }
}

TEST_CASE("depth and number of values have limits, and beyond them nothing crashes") {
    CHECK(why_not(nested(json_depth_max, '[', ']')).empty());
    CHECK_THAT(why_not(nested(json_depth_max + 1, '[', ']')), Contains("more than 128 levels deep"));
    for (const std::size_t depth : {std::size_t{1'000}, std::size_t{1'025}, std::size_t{100'000}}) {
        CHECK_FALSE(why_not(nested(depth, '[', ']')).empty());
        CHECK_FALSE(why_not(std::string(depth, '[')).empty());
        std::string objects;
        for (std::size_t i = 0; i < depth; ++i) objects += "{\"a\":";
        CHECK_FALSE(why_not(objects + "1" + std::string(depth, '}')).empty());
    }
    std::string wide = "[0";
    for (std::size_t i = 1; i < json_values_max; ++i) wide += ",0";
    CHECK_THAT(why_not(wide + "]"), Contains("more than 500000 values"));
}

TEST_CASE("values are found by pointer, and a key that is there twice on the way is an error") {
    const auto json =
        Json::parse(R"({"a": {"b": [10, {"c/d~": "x"}]}, "twice": 1, "twice": 1, "": 5, "0": "zero",
                                      "\u0061\u0062": "ab", "deep": {"k": 1, "\u006b": 2}})");
    REQUIRE(json);
    const auto raw = [&](std::string_view pointer) {
        const auto found = json->find(pointer);
        return !found ? "error" : *found == nullptr ? "none" : std::string{(*found)->raw};
    };
    CHECK(raw("/a/b/0") == "10");
    CHECK(raw("/a/b/1/c~1d~0") == "\"x\"");
    CHECK(raw("/a/b") == R"([10, {"c/d~": "x"}])");
    CHECK(raw("/") == "5");
    CHECK(raw("/0") == "\"zero\"");
    CHECK(raw("/ab") == "\"ab\"");
    CHECK(raw("/a/b/2") == "none");
    CHECK(raw("/a/b/00") == "none");
    CHECK(raw("/a/b/-1") == "none");
    CHECK(raw("/a/b/99999999999999999999") == "none");
    CHECK(raw("/a/b/0/x") == "none");
    CHECK(raw("/nothing/at/all") == "none");
    CHECK(raw("/twice") == "error");
    CHECK(raw("/deep/k") == "error");
    CHECK(json->find("/twice").error().detail == "\"twice\" is there twice (/twice)");
}

TEST_CASE("keys that are alike at their ends are told apart, and one that is spelled otherwise is the same") {
    const auto json = Json::parse(
        R"({"first_member_0001": 1, "other_member_0001": 2, "member_0001": 3, "1": 4, "01": 5, "\u0000": 6, "": 7,
            "twice_member_0001": 8, "twice\u005fmember_0001": 9})");
    REQUIRE(json);
    const auto raw = [&](std::string_view pointer) {
        const auto found = json->find(pointer);
        return !found ? "error" : *found == nullptr ? "none" : std::string{(*found)->raw};
    };
    CHECK(raw("/first_member_0001") == "1");
    CHECK(raw("/other_member_0001") == "2");
    CHECK(raw("/member_0001") == "3");
    CHECK(raw("/third_member_0001") == "none");
    CHECK(raw("/1") == "4");
    CHECK(raw("/01") == "5");
    CHECK(raw(std::string_view{"/\0", 2}) == "6");
    CHECK(raw("/") == "7");
    CHECK(raw("/twice_member_0001") == "error");
}

TEST_CASE("a value in a document is read as it would be by itself") {
    const auto json =
        Json::parse(R"({"id": "outer", "list": [{"id": "a", "b": {"c": 1}}, {"id": "b", "id": "c"}]})");
    REQUIRE(json);
    const auto* const first = *json->find("/list/0");
    JsonFields fields{*json, *first};
    CHECK(fields.label("/id") == "a");
    CHECK(fields.label("/b/c") == "1");
    CHECK_FALSE(fields.has("/list"));
    CHECK(fields.canonical("") == Json::parse(first->raw)->canonical(Json::parse(first->raw)->root()));
    CHECK_FALSE(fields.error());
    JsonFields second{*json, **json->find("/list/1")};
    CHECK_FALSE(second.label("/id"));
    REQUIRE(second.error());
    CHECK(second.error()->detail == "\"id\" is there twice (/id)");
}

TEST_CASE("numbers are as they were written, however large") {
    const auto json = Json::parse("[123456789012345678901234567890, -0, 1E400, 0.10]");
    REQUIRE(json);
    CHECK((*json->find("/0"))->raw == "123456789012345678901234567890");
    CHECK((*json->find("/1"))->raw == "-0");
    CHECK((*json->find("/2"))->raw == "1E400");
    CHECK((*json->find("/3"))->raw == "0.10");
}

TEST_CASE("each value knows which bytes it is") {
    const std::string text = "  { \"a\" : [ 1 , { } , \"x\" ] }  ";
    const auto json = Json::parse(text);
    REQUIRE(json);
    for (const std::string_view pointer : {"", "/a", "/a/0", "/a/1", "/a/2"}) {
        const auto* const value = *json->find(pointer);
        CHECK(text.substr(value->offset, value->raw.size()) == value->raw);
    }
    CHECK(json->root().raw == "{ \"a\" : [ 1 , { } , \"x\" ] }");
    CHECK((*json->find("/a/1"))->raw == "{ }");
}

TEST_CASE("text is unescaped when it is read, so that half a surrogate spoils only what it stands in") {
    const auto json =
        Json::parse(R"({"good": "J\u00fcrgen \ud83d\ude00 \"x\"\n", "half": "\ud83d", "other": 1})");
    REQUIRE(json);
    CHECK(Json::text_of(**json->find("/good")).value() == "Jürgen 😀 \"x\"\n");
    CHECK_FALSE(Json::text_of(**json->find("/half")));
    CHECK_FALSE(Json::text_of(**json->find("/other")));
}

TEST_CASE("the canonical form is the same for one content and another for any other") {
    const auto form = [](std::string_view text) {
        const auto json = Json::parse(text);
        REQUIRE(json);
        return json->canonical(json->root());
    };
    CHECK(form(R"({"a":1,"b":[true,"é"]})") == form(" { \"b\" : [ true , \"\\u00e9\" ] , \"a\" : 1 } "));
    std::vector<std::string> others{
        R"({"a":1})", R"({"a":"1"})", R"({"a":[1]})", R"({"a":[1,2]})", R"({"a":[2,1]})", R"({"a":{"1":2}})",
        R"({"a":null})", R"({"a":"null"})", R"({"a":{}})", R"({"a":[]})", R"({"b":1})", R"({"a":1,"b":1})",
        R"({"a":["1,2"]})", R"({"a":["1","2"]})", R"({"a":1,"a":2})", R"({"a":2,"a":1})",
        // What stands for no text is none, whatever it looks like.
        R"({"a":"\ud83d"})", R"({"a":"\"\\ud83d\""})"};
    for (const std::size_t size : {254UZ, 255UZ, 256UZ, 257UZ, 511UZ, 70'000UZ})
        others.push_back(fmt::format(R"({{"{0}":"{0}"}})", std::string(size, 'x')));
    for (std::size_t i = 0; i < others.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK(form(others[i]) != form(others[j]));
    }
}

TEST_CASE("fields are read one after the other, and the first error is kept") {
    const auto json =
        Json::parse(R"({"text": "t", "number": 12.50, "no": null, "empty": "", "yes": true, "list": [1],
                                      "seconds": 1764072000, "ms": 1764072000123, "rfc": "2025-11-25T12:00:00.5Z",
                                      "far": 99999999999999, "twice": 1, "twice": 2})");
    REQUIRE(json);
    JsonFields fields{*json};
    CHECK(fields.label("/text") == "t");
    CHECK(fields.label("/number") == "12.50");
    for (const std::string_view none : {"/no", "/empty", "/yes", "/list", "/nowhere"})
        CHECK_FALSE(fields.label(none));
    CHECK(fields.boolean("/yes") == true);
    CHECK_FALSE(fields.boolean("/text"));
    CHECK(fields.has("/list"));
    CHECK_FALSE(fields.has("/no"));
    constexpr Timestamp noon{std::chrono::seconds{1'764'072'000}};
    CHECK(fields.time("/seconds") == noon);
    CHECK(fields.time("/ms") == noon + std::chrono::milliseconds{123});
    CHECK(fields.time("/rfc") == noon + std::chrono::milliseconds{500});
    CHECK(fields.time("/far") == Timestamp{std::chrono::milliseconds{99'999'999'999'999}});
    for (const std::string_view none : {"/number", "/text", "/yes", "/nowhere"})
        CHECK_FALSE(fields.time(none));
    CHECK(fields.canonical("/nowhere") == "null");
    CHECK(fields.required("/text") == "t");
    CHECK_FALSE(fields.error());

    CHECK(fields.required("/number").empty());
    CHECK(fields.error()->detail == "the body's /number: it is no text");
    fields.required("/nowhere");
    fields.label("/twice");
    CHECK(fields.error()->detail == "the body's /number: it is no text");

    const auto first_error = [&](std::string_view pointer) {
        JsonFields others{*json};
        others.required(pointer);
        return others.error()->detail;
    };
    CHECK(first_error("/nowhere") == "the body's /nowhere: it is not there");
    CHECK(first_error("/no") == "the body's /no: it is not there");
    CHECK(first_error("/empty") == "the body's /empty: it is empty");
    CHECK(first_error("/twice") == "\"twice\" is there twice (/twice)");
}
