// What events are known by, and whether their texts are fit for the database.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "providers/json.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

constexpr std::size_t item_text_bytes_max = 512;

// A key is a kind and what it is of that kind, so that one event's id is never another's body.
std::string id_key(std::string_view id);
// Where an id is unique only together with others.
std::string id_key(std::initializer_list<std::string_view> parts);
// For an event known by its bytes. The type belongs to it: some providers send one body as events of several
// types.
std::string body_key(std::string_view type, std::string_view bytes);

// Of texts that are the same for honest repeats; where one ends is part of it.
std::string fingerprint_of(std::initializer_list<std::string_view> texts);

// What a body says: the same for one JSON document in two spellings; any other body is its bytes.
std::string content_of(const Result<Json>& json, std::string_view body);

// The event's own bytes of what its items are slices of.
std::string_view bytes_of(const Item& item, std::string_view body);

// A request of several events, each with the bytes that it is. At least one; their texts as below.
Result<std::vector<Item>> several_items(std::vector<Item> items);

// A request that is one event. Its texts must be UTF-8 without control characters, and not too long; a
// subject and an ordering key that are not are left out, because an event is not refused for its label.
Result<std::vector<Item>> one_item(Item item, const Received& received);

}  // namespace tollgate::providers
