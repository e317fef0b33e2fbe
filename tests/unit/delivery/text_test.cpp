#include <catch2/catch.hpp>

#include "delivery/clusters.hpp"
#include "delivery/readable.hpp"
#include "delivery/slack_text.hpp"
#include "delivery/surroundings.hpp"
#include "delivery/template_text.hpp"

using namespace tollgate::delivery;

namespace {

const std::string family = "👨‍👩‍👧‍👦";
const std::string scotland = "🏴󠁧󠁢󠁳󠁣󠁴󠁿";

}  // namespace

TEST_CASE("a text of unknown origin becomes one line that everybody can read") {
    struct Example {
        std::string_view text;
        std::string_view line;
    };
    for (const auto& [text, line] : std::initializer_list<Example>{
             {"Acme", "Acme"},
             {"  Acme \t\r\n  Corp\v ", "Acme Corp"},
             {"A\x01\x1b[31mcme\x7f", "A[31mcme"},
             {"\u202eevil\u202c\u2066x\u2069\u200f", "evilx"},
             {"a\u200bb\u2060c\ufeff\u00ad", "abc"},
             {"a\u2028b\u00a0c\u3000d", "a b c d"},
             {"J\xf6rg", "J\ufffdrg"},
             {"tag\U000E0041\U000E0042", "tag"},
             {"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"},
             {"می\u200cخواهم", "می\u200cخواهم"},
             {"\u200d\u200dx", "x"},
             {"\u3164\u2800", ""},
             {"", ""},
         }) {
        INFO(text);
        CHECK(one_line(text) == line);
        CHECK(one_line(one_line(text)) == line);
    }
    CHECK(one_line(family + scotland) == family + scotland);
}

TEST_CASE("what is cut is cut between characters, and says so") {
    CHECK(shortened("Acme Corp", 9) == "Acme Corp");
    CHECK(shortened("Acme Corporation", 9) == "Acme Co…");
    CHECK(shortened("Acme Corporation", 7) == "Acme…");
    CHECK(shortened(family + family, 12) == "…");
    CHECK(shortened(family + family, 21) == family + "…");
    CHECK(shortened("🇦🇹🇩🇪", 7) == "🇦🇹…");
    CHECK(shortened("abc", 0).empty());
    CHECK(shortened("abcdef", 1) == "…");
    for (std::size_t most = 1; most < 40; ++most) {
        const std::string cut = shortened(family + "x" + scotland + "é漢字🇦🇹 and more of it", most);
        CHECK(utf16_units(cut) <= most);
        CHECK(one_line(cut) == cut);
    }
}

TEST_CASE("a name from right to left stays within itself") {
    CHECK(quoted("Acme", 20) == "Acme");
    CHECK(quoted("שלום", 20) == "\u2068שלום\u2069");
    CHECK(shortened("x \u2068שלום עולם\u2069", 9) == "x \u2068שלום…\u2069");
}

TEST_CASE("a terminal's columns are counted as it draws them") {
    CHECK(columns("Acme") == 4);
    CHECK(columns("漢字") == 4);
    CHECK(columns(family) == 2);
    CHECK(columns("🇦🇹") == 2);
    CHECK(columns("⚠️") == 2);
    CHECK(columns("e\u0301") == 1);
    CHECK(columns("\u2068x\u2069") == 1);
}

TEST_CASE("an address is masked as far as nobody can write to it") {
    CHECK(masked_email("ada@acme.com") == "a•••@acme.com");
    CHECK(masked_email("@acme.com") == "@•••");
    CHECK(masked_email("é漢@x@acme.com") == "é•••@acme.com");
}

TEST_CASE("no text becomes markup of Slack") {
    struct Example {
        std::string_view text;
        std::string_view markup;
    };
    for (const auto& [text, markup] : std::initializer_list<Example>{
             {"Tom & Jerry", "Tom &amp; Jerry"},
             {"&lt;", "&amp;lt;"},
             {"<!channel>", "&lt;!channel&gt;"},
             {"<https://evil.example|Acme>", "&lt;https:\u200b//evil.example|Acme&gt;"},
             {"gift_card_v2 3*4", "gift_card_v2 3*4"},
             {"*bold*", "\u200b*\u200bbold\u200b*\u200b"},
             {"a`b", "a\u200b`\u200bb"},
             {"@here", "\u200b@\u200bhere"},
             {"ada@acme.com", "ada@acme.com"},
             {"#general", "\u200b#\u200bgeneral"},
             {"order #1042", "order #1042"},
             {"> quoted", "\u200b&gt;\u200b quoted"},
             {"a > b", "a &gt; b"},
         }) {
        INFO(text);
        CHECK(slack_markup(text, 1'000) == markup);
    }
    CHECK(slack_plain("*a* <b> & c", 100) == "*a* &lt;b&gt; &amp; c");
}

TEST_CASE("an escaped text is never cut within an entity") {
    const std::string ands(100, '&');
    for (std::size_t most = 0; most < 60; ++most) {
        const std::string cut = slack_plain(ands, most);
        CHECK(utf16_units(cut) <= most);
        std::string rest = cut;
        while (rest.starts_with("&amp;")) rest.erase(0, 5);
        CHECK((rest.empty() || rest == "…"));
    }
}

TEST_CASE("a moment is each reader's own where it fits, and words where it does not") {
    Text text{"due "};
    text.pieces.push_back(
        {.words = "Thu <26> Nov", .moment = tollgate::Timestamp{std::chrono::seconds{1795680000}}});
    CHECK(slack_markup(text, 200) ==
          "due <!date^1795680000^{date_short_pretty} at {time}|Thu &lt;26&gt; Nov>");
    CHECK(slack_markup(text, 40) == "due Thu &lt;26&gt; Nov");
    CHECK(slack_markup(text, 10) == "due Thu…");
}

TEST_CASE("only a link to a named host over https is a link") {
    CHECK(safe_url("https://acme.example/a?b=c&d=%20#e") == "https://acme.example/a?b=c&d=%20#e");
    CHECK(safe_url("https://acme.example:8443/") == "https://acme.example:8443/");
    for (const std::string_view url :
         {"", "http://acme.example/", "javascript:alert(1)", "HTTPS://acme.example", "https://", "https:///x",
          "https://localhost/", "https://dashboard.stripe.com@evil.example/", "https://acme.example/<b>",
          "https://acme.example/a|b", "https://acme.example/a b", "https://acme.example/\x1b[0m",
          "https://acme.example/\n", "https://аcme.example/", "https://acme.example\\@evil.example/"}) {
        INFO(url);
        CHECK(safe_url(url).empty());
    }
    CHECK(safe_url("https://acme.example/" + std::string(979, 'x')).size() == 1'000);
    CHECK(safe_url("https://acme.example/" + std::string(980, 'x')).empty());
}

TEST_CASE("a template leaves out what is not known") {
    const WordsOf words_of = [](std::string_view name) { return name == "who" ? Text{"Acme"} : Text{}; };
    const auto filled = [&](std::string_view text) {
        const auto made = fill(text, words_of);
        return made ? made->words() : "nothing";
    };
    CHECK(filled("Failed[: {who}][, {amount}]") == "Failed: Acme");
    CHECK(filled("[{amount}|{who}|Somebody] paid") == "Acme paid");
    CHECK(filled("[{amount}|Somebody] paid") == "Somebody paid");
    CHECK(filled("It failed. [{reason}.]") == "It failed.");
    CHECK(filled("{amount} paid") == "nothing");
    CHECK(filled("{who} paid") == "Acme paid");
    CHECK(filled("").empty());
}
