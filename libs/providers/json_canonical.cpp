#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "providers/json.hpp"

namespace tollgate::providers {

namespace {

// "s5:hello"
void append_sized(char kind, std::string_view content, std::string& out) {
    std::array<char, 24> size{};
    const auto end = std::to_chars(size.begin(), size.end(), content.size());
    out.push_back(kind);
    out.append(size.data(), static_cast<std::size_t>(end.ptr - size.data()));
    out.push_back(':');
    out.append(content);
}

// Any order of keys will do that is always the same one. Numbers are compared at once, and keys of one object
// differ at their ends more often than at their beginnings.
std::uint64_t end_of(std::string_view key) {
    std::uint64_t end = 0;
    key.remove_prefix(key.size() - std::min(key.size(), sizeof(end)));
    for (const char c : key) end = end << 8U | static_cast<unsigned char>(c);
    return end;
}

}  // namespace

void Json::append_canonical(const Value& value, std::string& out) const {
    if (value.kind != Kind::object && value.kind != Kind::array) {
        const bool is_text = value.kind == Kind::string;
        std::string_view content = is_text ? value.raw.substr(1, value.raw.size() - 2) : value.raw;
        Result<std::string> text;
        if (is_text && content.find('\\') != std::string_view::npos) {
            text = text_of(value);
            content = text ? std::string_view{*text} : value.raw;
        }
        append_sized(is_text ? 's' : 'v', content, out);
        return;
    }
    if (value.kind == Kind::array) {
        out.push_back('[');
        for (const Value* one = child(value); one != nullptr; one = next(*one)) append_canonical(*one, out);
        out.push_back(']');
        return;
    }
    // By place where a key is there twice.
    std::vector<std::pair<std::uint64_t, const Value*>> members;
    for (const Value* one = child(value); one != nullptr; one = next(*one))
        members.emplace_back(end_of(one->key), one);
    std::ranges::sort(members, [](const auto& left, const auto& right) {
        if (left.first != right.first) return left.first < right.first;
        return std::pair{left.second->key, left.second->offset} <
               std::pair{right.second->key, right.second->offset};
    });
    out.push_back('{');
    for (const auto& [end, member] : members) {
        append_sized('k', member->key, out);
        append_canonical(*member, out);
    }
    out.push_back('}');
}

std::string Json::canonical(const Value& value) const {
    std::string out;
    out.reserve(value.raw.size() + value.raw.size() / 4);
    append_canonical(value, out);
    return out;
}

}  // namespace tollgate::providers
