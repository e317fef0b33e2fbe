// What is said of each kind of event, as data. To change words is to change a row; to add a kind is to add
// one. Words in braces are names of event_words, brackets hold what is left out when it is not known.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "delivery/message.hpp"

namespace tollgate::delivery {

struct Voice {
    std::string_view headline;
    std::string_view meaning;
    std::string_view emoji = {};  // empty: the layout's own
};

struct RowTemplate {
    std::string_view label;
    std::string_view value;
};

enum class When {
    always,
    first_payment,  // the history says that there was none before
    recovered,      // an attempt before this one failed
    last_attempt,   // and the provider gives up
};

// What an event does to the story of its subscription, invoice or dispute.
enum class Story { goes_on, ends_well, ends_badly };

struct Layout {
    std::string_view name;
    std::array<v1::Fact, 3> facts{};  // any of them; unspecified: by the type
    std::string_view type_end = {};   // how the provider's own name of an e-mail's event ends
    When when = When::always;
    std::string_view emoji;
    Voice neutral;
    std::span<const Voice> playful = {};          // none: nothing to make fun of
    std::span<const RowTemplate> rows;            // the first six that are known are shown
    std::string_view advice = {};                 // unless the event brings its own
    v1::Priority priority;                        // likewise
    bool good = false;                            // news to be glad of
    std::array<v1::LinkKind, buttons_max> links;  // in order; what the event has of them
    Story story = Story::goes_on;
    std::string_view one;   // "payment failed", as in "1 payment failed"
    std::string_view many;  // "payments failed"
};

// The first that fits; `other` fits all.
const Layout& layout_of(const v1::PaymentEvent& event);

// Of what moves money: how much, or that nobody says it.
bool tells_amounts(const Layout& layout);

std::span<const Layout> payment_layouts();
std::span<const Layout> money_back_layouts();
std::span<const Layout> subscription_layouts();
std::span<const Layout> trial_layouts();
std::span<const Layout> customer_layouts();
const Layout& other_layout();

}  // namespace tollgate::delivery
