// An IP address and a network of them, as values: what configuration names and policies compare.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::http {

class IpAddress {
public:
    IpAddress() = default;  // 0.0.0.0
    static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
    static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);

    // Dotted decimal with four parts, or IPv6 without brackets or zone. Nothing looser: "127.1" is no
    // address.
    static Result<IpAddress> parse(std::string_view text);

    bool is_v4() const { return is_v4_; }
    // An IPv4 address has the first four.
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

    // ::ffff:a.b.c.d as a.b.c.d, which is the same peer; any other address as it is.
    IpAddress unmapped() const;
    // Whom a limit counts: of IPv6 the network of 64 bits, because whoever has one address has all of it.
    IpAddress sender_network() const;
    std::string text() const;

    auto operator<=>(const IpAddress&) const = default;

private:
    bool is_v4_ = true;
    std::array<std::uint8_t, 16> bytes_{};
};

class IpNetwork {
public:
    // "10.0.0.0/8", "fc00::/7"; an address alone is a network of one.
    static Result<IpNetwork> parse(std::string_view text);

    // Never true across the two families.
    bool contains(const IpAddress& address) const;

private:
    IpAddress base_;
    unsigned prefix_ = 0;
};

}  // namespace tollgate::http

template <>
struct std::hash<tollgate::http::IpAddress> {
    std::size_t operator()(const tollgate::http::IpAddress& address) const noexcept;
};
