#include "http/headers.hpp"

#include <algorithm>

namespace tollgate::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           marks.find(c) != std::string_view::npos;
}

}  // namespace

Headers::Headers(std::initializer_list<HeaderField> fields) {
    for (const HeaderField& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
    if (places_.empty()) {
        // What a provider's webhook has; a request within these costs no further allocation.
        bytes_.reserve(1024);
        places_.reserve(24);
    }
    places_.push_back({static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(name.size()),
                       static_cast<std::uint32_t>(value.size())});
    bytes_.append(name);
    bytes_.append(value);
}

void Headers::set(std::string_view name, std::string_view value) {
    // Copied first: both may be views into this object.
    const std::string new_name{name};
    const std::string new_value{value};
    remove(new_name);
    add(new_name, new_value);
}

void Headers::remove(std::string_view name) {
    // The bytes stay behind: headers are short-lived, and moving them would cost more than it frees.
    std::size_t kept = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        if (!equal_ignoring_case((*this)[i].name, name)) places_[kept++] = places_[i];
    }
    places_.resize(kept);
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const HeaderField field : *this) {
        if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const HeaderField field : *this) {
        if (equal_ignoring_case(field.name, name)) values.push_back(field.value);
    }
    return values;
}

HeaderField Headers::operator[](std::size_t index) const {
    const Place& place = places_[index];
    const std::string_view bytes{bytes_};
    return {bytes.substr(place.begin, place.name_size),
            bytes.substr(place.begin + place.name_size, place.value_size)};
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_sendable(const HeaderField& field) {
    const auto ends_a_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    return !field.name.empty() && std::ranges::all_of(field.name, is_token_character) &&
           std::ranges::none_of(field.value, ends_a_line);
}

}  // namespace tollgate::http
