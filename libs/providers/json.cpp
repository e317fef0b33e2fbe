#include "providers/json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <forward_list>
#include <utility>

#include <simdjson.h>

namespace tollgate::providers {

namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t bytes_of_value = 24;  // with its name, in most bodies

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_space_behind(std::string_view token) {
    while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
    return token;
}

std::size_t take_digits(std::string_view& rest) {
    const std::size_t count = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(count);
    return count;
}

bool take_any(std::string_view& rest, std::string_view characters) {
    if (rest.empty() || characters.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
}

// The grammar alone: a number may be larger than any type of ours, as amounts in crypto-currencies are.
bool is_number(std::string_view token) {
    take_any(token, "-");
    const bool zero = token.starts_with('0');
    const std::size_t digits = take_digits(token);
    if (digits == 0 || (zero && digits > 1)) return false;
    if (take_any(token, ".") && take_digits(token) == 0) return false;
    if (take_any(token, "eE")) {
        take_any(token, "+-");
        if (take_digits(token) == 0) return false;
    }
    return token.empty();
}

std::optional<Json::Kind> scalar_kind(std::string_view token) {
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"') return Json::Kind::string;
    if (token == "true" || token == "false") return Json::Kind::boolean;
    if (token == "null") return Json::Kind::null;
    if (is_number(token)) return Json::Kind::number;
    return std::nullopt;
}

std::unexpected<Error> not_json(std::string_view why) {
    return fail(ErrorCode::invalid, "the body is not JSON: {}", why);
}

// "~1" stands for "/" and "~0" for "~".
std::string pointer_part(std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const bool escape =
            part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
        out.push_back(!escape ? part[i] : part[i + 1] == '0' ? '~' : '/');
        if (escape) ++i;
    }
    return out;
}

}  // namespace

struct Json::Source {
    explicit Source(std::string_view body) : text{body} {}

    simdjson::padded_string text;
    std::forward_list<std::string> keys;  // those that are written with escapes
};

// Goes through the whole document once, so that what no field is read from is checked too.
class Json::Walk {
public:
    explicit Walk(Json& json) : json_{json}, begin_{json.source_->text.data()} {}

    std::optional<std::string> refusal(ondemand::document& document) {
        const auto first = document.raw_json_token();
        if (first.error() != simdjson::SUCCESS) return simdjson::error_message(first.error());
        Value root{.raw = first.value_unsafe(), .offset = offset_of(first.value_unsafe())};
        json_.values_.push_back(root);
        const char* end = nullptr;
        if (root.raw.starts_with('{')) {
            end = object(document.get_object(), 0, 1);
        } else if (root.raw.starts_with('[')) {
            end = array(document.get_array(), 0, 1);
        } else {
            return "neither an object nor an array";
        }
        if (end == nullptr) return why_;
        for (; end != begin_ + json_.source_->text.size(); ++end) {
            if (!is_space(*end)) return "something follows behind its end";
        }
        return std::nullopt;
    }

private:
    std::size_t offset_of(std::string_view token) const {
        return static_cast<std::size_t>(token.data() - begin_);
    }

    const char* refuse(std::string why) {
        if (why_.empty()) why_ = std::move(why);
        return nullptr;
    }
    const char* refuse(error_code code) { return refuse(simdjson::error_message(code)); }

    // As it stands in the text unless it has escapes. It ends at a quotation mark: else the document would
    // have been refused before its first value.
    std::optional<std::string_view> key_of(simdjson::simdjson_result<ondemand::field>& field) {
        if (field.error() != simdjson::SUCCESS) {
            refuse(field.error());
            return std::nullopt;
        }
        const char* const written = field.key().value_unsafe().raw();
        const char* end = written;
        while (*end != '"' && *end != '\\') ++end;
        if (*end == '"') return std::string_view{written, end};
        std::string_view unescaped;
        if (const error_code code = field.unescaped_key().get(unescaped)) {
            refuse(code);
            return std::nullopt;
        }
        return json_.source_->keys.emplace_front(unescaped);
    }

    // Each returns the end of the value in the text, or null when it is refused.
    const char* object(simdjson::simdjson_result<ondemand::object> found, std::uint32_t self,
                       std::size_t depth) {
        if (found.error() != simdjson::SUCCESS) return refuse(found.error());
        ondemand::object members = found.value_unsafe();
        const char* end = begin_ + json_.values_[self].offset + 1;
        std::uint32_t last = 0;
        for (auto field : members) {
            const auto key = key_of(field);
            if (!key) return nullptr;
            ondemand::value member;
            if (const error_code code = field.value().get(member)) return refuse(code);
            end = value(member, *key, self, last, depth);
            if (end == nullptr) return nullptr;
        }
        return close(end, '}', self, Kind::object);
    }

    const char* array(simdjson::simdjson_result<ondemand::array> found, std::uint32_t self,
                      std::size_t depth) {
        if (found.error() != simdjson::SUCCESS) return refuse(found.error());
        ondemand::array elements = found.value_unsafe();
        const char* end = begin_ + json_.values_[self].offset + 1;
        std::uint32_t last = 0;
        for (auto element : elements) {
            ondemand::value one;
            if (const error_code code = element.get(one)) return refuse(code);
            end = value(one, {}, self, last, depth);
            if (end == nullptr) return nullptr;
        }
        return close(end, ']', self, Kind::array);
    }

    const char* value(ondemand::value& found, std::string_view key, std::uint32_t parent, std::uint32_t& last,
                      std::size_t depth) {
        if (depth >= json_depth_max) return refuse(fmt::format("more than {} levels deep", json_depth_max));
        if (json_.values_.size() >= json_values_max)
            return refuse(fmt::format("more than {} values", json_values_max));
        const std::string_view token = without_space_behind(found.raw_json_token());
        const auto self = static_cast<std::uint32_t>(json_.values_.size());
        json_.values_.push_back(
            {.key = key, .key_end = end_of(key), .raw = token, .offset = offset_of(token)});
        (last == 0 ? json_.values_[parent].first_child : json_.values_[last].next) = self;
        last = self;
        if (token.starts_with('{')) return object(found.get_object(), self, depth + 1);
        if (token.starts_with('[')) return array(found.get_array(), self, depth + 1);
        const auto kind = scalar_kind(token);
        if (!kind) return refuse("a value that is neither text, number, true, false nor null");
        json_.values_[self].kind = *kind;
        return token.data() + token.size();
    }

    // Behind the last child there is nothing but white space and the bracket.
    const char* close(const char* end, char bracket, std::uint32_t self, Kind kind) {
        const char* const behind = begin_ + json_.source_->text.size();
        while (end != behind && is_space(*end)) ++end;
        if (end == behind || *end != bracket) return refuse("a bracket is not closed");
        Value& value = json_.values_[self];
        value.kind = kind;
        value.raw = {begin_ + value.offset, end + 1};
        return end + 1;
    }

    Json& json_;
    const char* begin_;
    std::string why_;
};

Json::Json(std::unique_ptr<Source> source) : source_{std::move(source)} {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Result<Json> Json::parse(std::string_view text) {
    if (text.empty()) return not_json("it is empty");
    // Kept for its memory; nothing of a document points into it once that has been gone through.
    thread_local ondemand::parser parser;
    Json json{std::make_unique<Source>(text)};
    json.values_.reserve(text.size() / bytes_of_value + 1);
    ondemand::document document;
    if (const error_code code = parser.iterate(json.source_->text).get(document))
        return not_json(simdjson::error_message(code));
    if (const auto why = Walk{json}.refusal(document)) return not_json(*why);
    return json;
}

std::uint64_t Json::end_of(std::string_view key) {
    std::uint64_t end = 0;
    if (key.size() >= sizeof(end)) {
        std::memcpy(&end, key.data() + (key.size() - sizeof(end)), sizeof(end));
        if constexpr (std::endian::native == std::endian::little) end = std::byteswap(end);
    } else {
        for (const char c : key) end = end << 8U | static_cast<unsigned char>(c);
    }
    return end;
}

Result<const Json::Value*> Json::member(const Value& object, std::string_view key,
                                        std::string_view pointer) const {
    const Value* found = nullptr;
    const std::uint64_t key_end = end_of(key);
    for (const Value* one = child(object); one != nullptr; one = next(*one)) {
        if (one->key_end != key_end || one->key != key) continue;
        if (found != nullptr) return fail(ErrorCode::invalid, "\"{}\" is there twice ({})", key, pointer);
        found = one;
    }
    return found;
}

const Json::Value* Json::element(const Value& array, std::string_view index) const {
    const bool canonical = !index.empty() && (index == "0" || index.front() != '0') &&
                           index.find_first_not_of("0123456789") == std::string_view::npos &&
                           index.size() < 9;
    if (!canonical) return nullptr;
    std::size_t left = 0;
    for (const char digit : index) left = left * 10 + static_cast<std::size_t>(digit - '0');
    const Value* one = child(array);
    for (; one != nullptr && left > 0; --left) one = next(*one);
    return one;
}

Result<const Json::Value*> Json::find(const Value& from, std::string_view pointer) const {
    const Value* here = &from;
    std::string_view rest = pointer;
    while (here != nullptr && !rest.empty()) {
        rest.remove_prefix(1);  // the slash
        const std::string_view part = rest.substr(0, rest.find('/'));
        rest.remove_prefix(part.size());
        if (here->kind == Kind::object) {
            const auto found = part.contains('~') ? member(*here, pointer_part(part), pointer)
                                                  : member(*here, part, pointer);
            if (!found) return found;
            here = *found;
        } else {
            here = here->kind == Kind::array ? element(*here, part) : nullptr;
        }
    }
    return here;
}

Result<std::string> Json::text_of(const Value& value) {
    if (value.kind != Kind::string) return fail(ErrorCode::invalid, "it is no text");
    const std::string_view inside = value.raw.substr(1, value.raw.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return std::string{inside};
    const simdjson::padded_string copy{value.raw};
    thread_local ondemand::parser parser;
    ondemand::document document;
    std::string_view text;
    if (parser.iterate(copy).get(document) != simdjson::SUCCESS ||
        document.get_string().get(text) != simdjson::SUCCESS) {
        return fail(ErrorCode::invalid, "it has an escape that stands for no character");
    }
    return std::string{text};
}

}  // namespace tollgate::providers
