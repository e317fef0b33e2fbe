#include "ingress/answer_book.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using tollgate::ingress::AnswerBook;

TEST_CASE("much to write is written more seldom, but never so that its process looks killed") {
    CHECK(AnswerBook::pause_after(true, 1ms) == 1s);
    CHECK(AnswerBook::pause_after(true, 100ms) == 2s);
    CHECK(AnswerBook::pause_after(true, 4s) == 10s);
}

TEST_CASE("what could not be written is tried again soon, however long it waited") {
    CHECK(AnswerBook::pause_after(false, 1ms) == 1s);
    CHECK(AnswerBook::pause_after(false, 30s) == 1s);
}
