#include "postgres/wire.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>

#include "postgres/error.hpp"

namespace tollgate::postgres {

namespace {

// Postgres counts microseconds from 2000-01-01.
constexpr Timestamp postgres_epoch{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

template <typename Integer>
void append_big_endian(std::string& out, Integer value) {
    using Unsigned = std::make_unsigned_t<Integer>;
    auto bits = static_cast<Unsigned>(value);
    if constexpr (std::endian::native == std::endian::little) bits = std::byteswap(bits);
    std::array<char, sizeof bits> bytes{};
    std::memcpy(bytes.data(), &bits, sizeof bits);
    out.append(bytes.data(), bytes.size());
}

std::int64_t read_big_endian(std::string_view bytes) {
    // The sign comes from the first byte: start with all ones when it is set.
    std::uint64_t bits = !bytes.empty() && (static_cast<std::uint8_t>(bytes[0]) & 0x80U) != 0 ? ~0ULL : 0ULL;
    for (const char c : bytes) bits = (bits << 8U) | static_cast<std::uint8_t>(c);
    return static_cast<std::int64_t>(bits);
}

void expect(TypeId type, std::initializer_list<TypeId> allowed, const char* wanted) {
    for (const TypeId one : allowed) {
        if (type == one) return;
    }
    throw SqlError{
        ErrorCode::internal, "",
        fmt::format("a column of type oid {} was read as {}: cast it in the statement", type, wanted)};
}

constexpr TypeId type_name = 19;
constexpr TypeId type_varchar = 1043;

}  // namespace

void append_int16(std::string& out, std::int16_t value) {
    append_big_endian(out, value);
}
void append_int32(std::string& out, std::int32_t value) {
    append_big_endian(out, value);
}
void append_int64(std::string& out, std::int64_t value) {
    append_big_endian(out, value);
}

void Wire<Uuid>::append(std::string& out, const Uuid& value) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void Wire<Timestamp>::append(std::string& out, Timestamp value) {
    append_int64(out, (value - postgres_epoch).count());
}

void Wire<std::chrono::milliseconds>::append(std::string& out, std::chrono::milliseconds value) {
    append_int64(out, std::chrono::microseconds{value}.count());
    append_int32(out, 0);  // days
    append_int32(out, 0);  // months
}

void Param::set_int32(std::size_t at, std::int32_t value) {
    std::string bytes;
    append_int32(bytes, value);
    bytes_.replace(at, bytes.size(), bytes);
}

template <>
bool read_value<bool>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<bool>::type}, "bool");
    return bytes.at(0) != 0;
}

template <>
std::int64_t read_value<std::int64_t>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<std::int64_t>::type, Wire<std::int32_t>::type, Wire<std::int16_t>::type},
           "an integer");
    return read_big_endian(bytes);
}

template <>
std::int32_t read_value<std::int32_t>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<std::int32_t>::type, Wire<std::int16_t>::type}, "a 32-bit integer");
    return static_cast<std::int32_t>(read_big_endian(bytes));
}

template <>
std::string_view read_value<std::string_view>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<std::string_view>::type, Wire<Bytes>::type, Wire<Json>::type, type_name, type_varchar},
           "text or bytes");
    if (type == Wire<Json>::type) bytes.remove_prefix(1);  // the format's version
    return bytes;
}

template <>
std::string read_value<std::string>(TypeId type, std::string_view bytes) {
    return std::string{read_value<std::string_view>(type, bytes)};
}

template <>
Uuid read_value<Uuid>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<Uuid>::type}, "a uuid");
    Uuid id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(bytes.at(i));
    return id;
}

template <>
Xid read_value<Xid>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<Xid>::type}, "a transaction's number");
    return Xid{static_cast<std::uint64_t>(read_big_endian(bytes))};
}

template <>
Timestamp read_value<Timestamp>(TypeId type, std::string_view bytes) {
    expect(type, {Wire<Timestamp>::type}, "a timestamp with time zone");
    return postgres_epoch + std::chrono::microseconds{read_big_endian(bytes)};
}

}  // namespace tollgate::postgres
