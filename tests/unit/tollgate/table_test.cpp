#include "tollgate/table.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;

namespace {

const std::vector<std::vector<std::string>> letters{
    {"EVENT", "CONSUMER", "CHANGED", "REASON"},
    {"01a2062f-4885-7000", "billing", "2026-11-23T02:14:58Z",
     "no rate of ÅÄÖ for that day, nor of any other"},
    {"01a2062f-4886-7000", "delivery", "-", "refused"},
};

}  // namespace

TEST_CASE("a table that nobody reads on a terminal, or that has room there, is one line a row") {
    const std::string whole =
        "EVENT               CONSUMER  CHANGED               REASON\n"
        "01a2062f-4885-7000  billing   2026-11-23T02:14:58Z  no rate of ÅÄÖ for that day, nor of any other\n"
        "01a2062f-4886-7000  delivery  -                     refused\n";
    CHECK(lay_out(letters, std::nullopt) == whole);
    CHECK(lay_out(letters, 97) == whole);
}

TEST_CASE("what has no room beside the other columns goes below them, further in, in every row alike") {
    CHECK(lay_out(letters, 96) ==
          "EVENT               CONSUMER  CHANGED\n"
          "    REASON\n"
          "01a2062f-4885-7000  billing   2026-11-23T02:14:58Z\n"
          "    no rate of ÅÄÖ for that day, nor of any other\n"
          "01a2062f-4886-7000  delivery  -\n"
          "    refused\n");
    CHECK(lay_out(letters, 40) ==
          "EVENT               CONSUMER\n"
          "    CHANGED\n"
          "    REASON\n"
          "01a2062f-4885-7000  billing\n"
          "    2026-11-23T02:14:58Z\n"
          "    no rate of ÅÄÖ for that day, nor of\n"
          "    any other\n"
          "01a2062f-4886-7000  delivery\n"
          "    -\n"
          "    refused\n");
}

TEST_CASE("a word that is longer than a line is broken at characters, and no line is empty") {
    std::string word;
    for (int i = 0; i < 45; ++i) word += "å";
    const std::string text = lay_out({{"A", "B", "C"}, {"", "", word}}, 40);
    std::string first;
    for (int i = 0; i < 36; ++i) first += "å";
    CHECK(text == "A  B\n    C\n    " + first + "\n    " + word.substr(first.size()) + "\n");
}
