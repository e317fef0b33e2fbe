// What a notification says, whatever the channel. Every text in it has gone through `one_line` or is ours; no
// text holds markup of any channel.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "events/payment_event.hpp"

namespace tollgate::delivery {

// Words, or a moment with the words for it where a channel cannot show it in each reader's own zone.
struct Piece {
    std::string words;
    std::optional<Timestamp> moment{};
};

struct Text {
    std::vector<Piece> pieces;

    Text() = default;
    explicit Text(std::string words) {
        if (!words.empty()) pieces.push_back({.words = std::move(words)});
    }
    bool empty() const { return pieces.empty(); }
    std::string words() const;  // all of it in words
    void append(const Text& more);
};

struct Row {
    std::string label;
    Text value;
};

struct Section {
    std::string title;
    std::vector<std::string> lines;
};

struct Button {
    std::string id;  // unique in its message
    std::string label;
    std::string url;  // https
};

struct Logo {
    std::string url;
    std::string company;
};

enum class Colour { none, green, amber, red };

struct Message {
    std::string emoji;     // says nothing that the headline does not
    bool test = false;     // no real money
    std::string headline;  // what happened, how much, to whom
    Text meaning;
    std::vector<Row> facts;  // only what is known
    std::vector<Section> sections{};
    std::string advice;
    std::vector<std::string> history;  // of the customer
    std::vector<std::string> marks;    // late, replayed, may be a repeat
    std::vector<Button> buttons;
    std::optional<Logo> logo{};
    Text footer;
    v1::Priority priority = v1::PRIORITY_INFORMATION;
    Colour colour = Colour::none;
    std::optional<Timestamp> happened{};
};

constexpr std::size_t facts_max = 6;
constexpr std::size_t buttons_max = 3;
constexpr std::size_t headline_units_max = 130;

// Emoji, test mark and headline: the first line in every channel.
std::string first_line(const Message& message);

// The whole of it in one line, for a phone's lock screen and a screen reader.
std::string summary(const Message& message);

}  // namespace tollgate::delivery
