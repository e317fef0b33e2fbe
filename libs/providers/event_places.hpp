// Where a provider's JSON body says what an event is: a list of places in place of a reader.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/json.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// JSON pointers; empty ones are none.
using Pointers = std::array<std::string_view, 4>;

struct EventPlaces {
    Pointers type{};  // all of them, with a point between
    // All of them together are the event's id. None: the provider gives none, and the event is known by its
    // bytes, which are the same when it is sent again.
    Pointers id{};
    std::string_view account{};
    Pointers subject{};       // the first that is there, as in the next two
    Pointers ordering_key{};  // else the subject
    Pointers time{};
    std::string_view test_mode{};  // true or "test" is a test, false or "live" is live
};

// `fields` begin at the event, and keep the errors; `bytes` are its own.
Item read_item(const EventPlaces& places, JsonFields& fields, std::string_view bytes);

// A request that is one event.
Result<std::vector<Item>> identify_by(const EventPlaces& places, const Received& received);

// A request that is a list of events; `more` tells of one what is no place in it.
Result<std::vector<Item>> identify_each_by(const EventPlaces& places, const Json& json,
                                           const Json::Value& list,
                                           void (*more)(JsonFields& fields, Item& item) = nullptr);

// The first of them that is there.
std::optional<std::string> first_label(JsonFields& fields, const Pointers& pointers);

}  // namespace tollgate::providers
