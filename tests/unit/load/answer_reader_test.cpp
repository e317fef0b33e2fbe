#include "load/answer_reader.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace tollgate::load;

namespace {

const std::string id = "01997a3c-0000-7000-8000-00000000abcd";
const std::string receipt = R"({"event_id":")" + id + R"(","duplicate":false})";

std::string answer(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\nDate: now\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void give(AnswerReader& reader, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto room = reader.room();
        const std::size_t count = std::min(room.size(), bytes.size());
        std::ranges::copy(bytes.substr(0, count), room.begin());
        reader.received(count);
        bytes.remove_prefix(count);
    }
}

// What it makes of these bytes, which hold one answer.
tollgate::Result<std::optional<Answer>> read(AnswerReader& reader, const std::string& bytes) {
    give(reader, bytes);
    return reader.next();
}

}  // namespace

TEST_CASE("an answer that comes byte by byte is one answer") {
    const std::string text = answer(200, receipt);
    AnswerReader reader;
    for (std::size_t i = 0; i < text.size(); ++i) {
        CHECK_FALSE(reader.next().value());
        give(reader, text.substr(i, 1));
    }
    const auto whole = reader.next();
    REQUIRE(whole);
    REQUIRE(*whole);
    CHECK((*whole)->status == 200);
    CHECK((*whole)->body == receipt);
    CHECK_FALSE((*whole)->closes);
    CHECK(reader.empty());
    CHECK_FALSE(reader.next().value());
}

TEST_CASE("answers that come at once are taken one by one, a part of the next is kept") {
    AnswerReader reader;
    const std::string third = answer(413, "large");
    give(reader, answer(200, receipt) + answer(503, "later") + third.substr(0, 20));
    CHECK(reader.next().value()->status == 200);
    CHECK(reader.next().value()->body == "later");
    CHECK_FALSE(reader.next().value());
    CHECK_FALSE(reader.empty());
    give(reader, third.substr(20));
    CHECK(reader.next().value()->body == "large");
    CHECK(reader.empty());
}

TEST_CASE("a long answer finds room") {
    AnswerReader reader;
    const std::string body(100'000, 'x');
    CHECK(read(reader, answer(500, body)).value()->body == body);
}

TEST_CASE("headers are read whatever their case and order") {
    AnswerReader reader;
    const auto closing =
        read(reader, "HTTP/1.1 200 OK\r\ncontent-length:2\r\nConnection: Close\r\n\r\nok").value();
    CHECK(closing->closes);
    CHECK(closing->body == "ok");
    CHECK_FALSE(read(reader, answer(200, "", "Connection: keep-alive\r\n")).value()->closes);
    CHECK(read(reader, "HTTP/1.1 204 No Content\r\n\r\n").value()->status == 204);
}

TEST_CASE("what is not an answer with a length is an error") {
    for (const char* const text :
         {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        AnswerReader reader;
        INFO(text);
        CHECK_FALSE(read(reader, text));
    }
}

TEST_CASE("a receipt says which event, and whether it came before") {
    const auto first = parse_receipt(receipt);
    REQUIRE(first);
    CHECK(first->event_id.text() == id);
    CHECK_FALSE(first->duplicate);
    CHECK(parse_receipt(R"({"duplicate":true,"event_id":")" + id + "\"}")->duplicate);
    for (const std::string& body :
         {std::string{"ok"}, std::string{R"({"event_id":"x","duplicate":false})"},
          R"({"event_id":")" + id + "\"}", R"({"event_id":")" + id + R"(","duplicate":1})"}) {
        INFO(body);
        CHECK_FALSE(parse_receipt(body));
    }
}
