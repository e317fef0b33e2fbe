#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "providers/json.hpp"

namespace tollgate::providers {

namespace {

// "s5:hello"
void append_sized(char kind, std::string_view content, std::string& out) {
    std::array<char, 24> size{};
    const auto end = std::to_chars(size.begin(), size.end(), content.size());
    out.push_back(kind);
    out.append(size.data(), end.ptr);
    out.push_back(':');
    out.append(content);
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
    std::vector<const Value*> children;
    for (const Value* one = child(value); one != nullptr; one = next(*one)) children.push_back(one);
    if (value.kind == Kind::object) {
        // By place where a key is there twice.
        std::ranges::sort(children, {}, [](const Value* one) { return std::pair{one->key, one->offset}; });
    }
    out.push_back(value.kind == Kind::object ? '{' : '[');
    for (const Value* one : children) {
        if (value.kind == Kind::object) append_sized('k', one->key, out);
        append_canonical(*one, out);
    }
    out.push_back(value.kind == Kind::object ? '}' : ']');
}

std::string Json::canonical(const Value& value) const {
    std::string out;
    append_canonical(value, out);
    return out;
}

}  // namespace tollgate::providers
