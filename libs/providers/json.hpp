// A JSON document, read strictly: duplicates are seen, numbers stay as they were written, and it is known
// which bytes a value is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace tollgate::providers {

constexpr std::size_t json_depth_max = 128;
constexpr std::size_t json_values_max = 500'000;

class Json {
public:
    enum class Kind : std::uint8_t { object, array, string, number, boolean, null };

    struct Value {
        Kind kind = Kind::null;
        std::uint32_t first_child = 0;  // 0: none, because the root is nobody's child
        std::uint32_t next = 0;
        std::string_view key;       // in its object, unescaped
        std::uint64_t key_end = 0;  // end_of(key)
        std::string_view raw;       // as written, quotes and all
        std::size_t offset = 0;
    };

    // An object or an array. Errors are `invalid` and say what is wrong, not where it was sent.
    static Result<Json> parse(std::string_view text);

    const Value& root() const { return values_.front(); }
    const Value* child(const Value& value) const { return at(value.first_child); }
    const Value* next(const Value& value) const { return at(value.next); }

    // What an RFC 6901 pointer leads to, from the root or another value; null if nothing is there. An object
    // on the way that has the key twice is an error: others may read the other one.
    Result<const Value*> find(std::string_view pointer) const { return find(root(), pointer); }
    Result<const Value*> find(const Value& from, std::string_view pointer) const;

    // An error if it is no string, or holds half of a surrogate pair.
    static Result<std::string> text_of(const Value& value);

    // The last bytes of a key as a number. Keys of one object differ at their ends more often than at their
    // beginnings, and numbers are compared at once.
    static std::uint64_t end_of(std::string_view key);

    // The same text for the same content, whatever the order of keys, the white space and the escapes.
    std::string canonical(const Value& value) const;

    // Of what has been parsed; Json is moved, never copied.
    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

private:
    struct Source;
    class Walk;

    explicit Json(std::unique_ptr<Source> source);

    const Value* at(std::uint32_t index) const { return index == 0 ? nullptr : &values_[index]; }
    Result<const Value*> member(const Value& object, std::string_view key, std::string_view pointer) const;
    const Value* element(const Value& array, std::string_view index) const;

    std::unique_ptr<Source> source_;  // what keys and raw text point into
    std::vector<Value> values_;
};

// Reads fields one after the other and keeps the first error, so that a reader is a list of fields. Pointers
// begin at the root, or at the value that it is made for.
class JsonFields {
public:
    explicit JsonFields(const Json& json) : JsonFields{json, json.root()} {}
    JsonFields(const Json& json, const Json::Value& from) : json_{json}, from_{from} {}

    // A string that is there and not empty.
    std::string required(std::string_view pointer);
    // A string, or a number as it is written; nothing if it is anything else, or empty.
    std::optional<std::string> label(std::string_view pointer);
    std::optional<bool> boolean(std::string_view pointer);
    // Seconds or milliseconds since 1970, or RFC 3339; nothing if it is none of them.
    std::optional<Timestamp> time(std::string_view pointer);
    bool has(std::string_view pointer);  // and it is not null
    // The value in one form; "null" if it is not there.
    std::string canonical(std::string_view pointer);

    const std::optional<Error>& error() const { return error_; }
    // What the caller found wrong himself, if nothing was before.
    void fail_with(Error error);

private:
    const Json::Value* find(std::string_view pointer);

    const Json& json_;
    const Json::Value& from_;
    std::optional<Error> error_;
};

}  // namespace tollgate::providers
