#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "providers/json.hpp"

namespace tollgate::providers {

namespace {

// A size below this one is a byte; any other is told behind it.
constexpr unsigned char long_size = 255;
// How many bytes a kind and a size take at most, for a value and for its key.
constexpr std::size_t bytes_before = 2 * (2 + sizeof(std::uint32_t));

// Writes a value in one form: its kind, its size, its text. A size says where a text ends, so that no text is
// taken for two, and none is longer here than as it is written.
class Form {
public:
    Form(const Json& json, char* begin) : json_{json}, end_{begin} {}

    void append(const Json::Value& value) {
        switch (value.kind) {
            case Json::Kind::object:
                append_members(value);
                break;
            case Json::Kind::array:
                *end_++ = '[';
                for (const auto* one = json_.child(value); one != nullptr; one = json_.next(*one))
                    append(*one);
                *end_++ = ']';
                break;
            case Json::Kind::string:
                append_text(value);
                break;
            default:
                append('v', value.raw);
        }
    }

    const char* end() const { return end_; }

private:
    void append(char kind, std::string_view content) {
        *end_++ = kind;
        if (content.size() < long_size) {
            *end_++ = static_cast<char>(content.size());
        } else {
            const auto size = static_cast<std::uint32_t>(content.size());
            *end_++ = static_cast<char>(long_size);
            std::memcpy(end_, &size, sizeof(size));
            end_ += sizeof(size);
        }
        std::memcpy(end_, content.data(), content.size());
        end_ += content.size();
    }

    // What is written as text and stands for none is itself.
    void append_text(const Json::Value& value) {
        const std::string_view inside = value.raw.substr(1, value.raw.size() - 2);
        if (std::memchr(inside.data(), '\\', inside.size()) == nullptr) {
            append('s', inside);
        } else if (const auto text = Json::text_of(value)) {
            append('s', *text);
        } else {
            append('w', value.raw);
        }
    }

    // Any order of keys will do that is always the same one; by place where a key is there twice.
    void append_members(const Json::Value& object) {
        const std::size_t first = members_.size();
        for (const auto* one = json_.child(object); one != nullptr; one = json_.next(*one))
            members_.emplace_back(one->key_end, one);
        const std::size_t last = members_.size();
        std::ranges::sort(std::span{members_}.subspan(first), [](const auto& left, const auto& right) {
            if (left.first != right.first) return left.first < right.first;
            return std::pair{left.second->key, left.second->offset} <
                   std::pair{right.second->key, right.second->offset};
        });
        *end_++ = '{';
        for (std::size_t i = first; i < last; ++i) {
            const Json::Value& member = *members_[i].second;
            append('k', member.key);
            append(member);
        }
        *end_++ = '}';
        members_.resize(first);
    }

    const Json& json_;
    char* end_;
    std::vector<std::pair<std::uint64_t, const Json::Value*>>
        members_;  // of the objects that are being written
};

}  // namespace

std::string Json::canonical(const Value& value) const {
    const std::size_t values = std::min(values_.size(), value.raw.size());
    std::string out;
    out.resize_and_overwrite(value.raw.size() + values * bytes_before, [&](char* begin, std::size_t) {
        Form form{*this, begin};
        form.append(value);
        return form.end() - begin;
    });
    return out;
}

}  // namespace tollgate::providers
