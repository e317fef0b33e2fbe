// How C++ values travel to and from Postgres: always in its binary format, so that bytes are not doubled as
// text and no value is ever quoted.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/clock.hpp"
#include "core/uuid.hpp"

namespace tollgate::postgres {

using TypeId = std::uint32_t;  // Postgres' oid of a type; those below are fixed for ever

// Marks a string as bytea, or as a jsonb document; without a mark a string is text.
struct Bytes {
    std::string_view value;
};
struct Json {
    std::string_view value;
};

// A transaction's number, in the 64 bits that do not wrap.
struct Xid {
    std::uint64_t number = 0;

    auto operator<=>(const Xid&) const = default;
};

void append_int16(std::string& out, std::int16_t value);
void append_int32(std::string& out, std::int32_t value);
void append_int64(std::string& out, std::int64_t value);

// The scalar types: their oid, their array's oid, and how to write one.
template <typename T>
struct Wire;

template <>
struct Wire<bool> {
    static constexpr TypeId type = 16, array = 1000;
    static void append(std::string& out, bool value) { out.push_back(value ? '\1' : '\0'); }
};
template <>
struct Wire<std::int16_t> {
    static constexpr TypeId type = 21, array = 1005;
    static void append(std::string& out, std::int16_t value) { append_int16(out, value); }
};
template <>
struct Wire<std::int32_t> {
    static constexpr TypeId type = 23, array = 1007;
    static void append(std::string& out, std::int32_t value) { append_int32(out, value); }
};
template <>
struct Wire<std::int64_t> {
    static constexpr TypeId type = 20, array = 1016;
    static void append(std::string& out, std::int64_t value) { append_int64(out, value); }
};
template <>
struct Wire<std::string_view> {
    static constexpr TypeId type = 25, array = 1009;
    static void append(std::string& out, std::string_view value) { out.append(value); }
};
template <>
struct Wire<std::string> : Wire<std::string_view> {};
template <>
struct Wire<const char*> : Wire<std::string_view> {};
template <>
struct Wire<Bytes> {
    static constexpr TypeId type = 17, array = 1001;
    static void append(std::string& out, Bytes value) { out.append(value.value); }
};
template <>
struct Wire<Json> {
    static constexpr TypeId type = 3802, array = 3807;
    static void append(std::string& out, Json value) { out.append(1, '\1').append(value.value); }
};
template <>
struct Wire<Xid> {
    static constexpr TypeId type = 5069, array = 271;
    static void append(std::string& out, Xid value) {
        append_int64(out, static_cast<std::int64_t>(value.number));
    }
};
template <>
struct Wire<Uuid> {
    static constexpr TypeId type = 2950, array = 2951;
    static void append(std::string& out, const Uuid& value);
};
template <>
struct Wire<Timestamp> {
    static constexpr TypeId type = 1184, array = 1185;
    static void append(std::string& out, Timestamp value);
};
template <>
struct Wire<std::chrono::milliseconds> {  // as an interval
    static constexpr TypeId type = 1186, array = 1187;
    static void append(std::string& out, std::chrono::milliseconds value);
};

template <typename T>
constexpr bool is_optional = false;
template <typename T>
constexpr bool is_optional<std::optional<T>> = true;

template <typename T>
concept Scalar = requires { Wire<T>::type; };

// One parameter, written once; it owns its bytes.
class Param {
public:
    template <typename T>
    explicit Param(const T& value) {
        using Plain = std::decay_t<const T>;
        if constexpr (Scalar<Plain>) {
            type_ = Wire<Plain>::type;
            Wire<Plain>::append(bytes_, value);
        } else if constexpr (is_optional<Plain>) {
            type_ = Wire<typename Plain::value_type>::type;
            null_ = !value.has_value();
            if (value) Wire<typename Plain::value_type>::append(bytes_, *value);
        } else {
            append_array(value);
        }
    }

    TypeId type() const { return type_; }
    const char* data() const { return null_ ? nullptr : bytes_.c_str(); }
    int size() const { return static_cast<int>(bytes_.size()); }

private:
    template <typename T>
    void append_element(const T& element) {
        if constexpr (is_optional<T>) {
            if (!element) {
                append_int32(bytes_, -1);
                return;
            }
            append_element(*element);
        } else {
            const std::size_t length_at = bytes_.size();
            append_int32(bytes_, 0);
            Wire<T>::append(bytes_, element);
            set_int32(length_at, static_cast<std::int32_t>(bytes_.size() - length_at - 4));
        }
    }

    // A one-dimensional array: dimensions, has nulls, element type, count, lower bound, elements.
    template <std::ranges::sized_range Range>
    void append_array(const Range& range) {
        using Element = std::ranges::range_value_t<Range>;
        using Value =
            typename std::conditional_t<is_optional<Element>, Element, std::optional<Element>>::value_type;
        type_ = Wire<Value>::array;
        append_int32(bytes_, 1);
        append_int32(bytes_, is_optional<Element> ? 1 : 0);
        append_int32(bytes_, static_cast<std::int32_t>(Wire<Value>::type));
        append_int32(bytes_, static_cast<std::int32_t>(std::ranges::size(range)));
        append_int32(bytes_, 1);
        for (const auto& element : range) append_element<Element>(element);
    }

    void set_int32(std::size_t at, std::int32_t value);

    TypeId type_ = 0;
    bool null_ = false;
    std::string bytes_;
};

// Reading: throws SqlError when the column's type is not one that T is read from.
template <typename T>
T read_value(TypeId type, std::string_view bytes);

}  // namespace tollgate::postgres
