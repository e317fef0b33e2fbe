#include "http/address.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace tollgate::http {

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& bytes) {
    IpAddress address;
    std::ranges::copy(bytes, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
    IpAddress address;
    address.is_v4_ = false;
    address.bytes_ = bytes;
    return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated{text};
    IpAddress address;
    // inet_pton reads up to a NUL, which must therefore not be part of the text.
    const bool whole = text.find('\0') == std::string_view::npos;
    if (whole && inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
    address.is_v4_ = false;
    if (whole && inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
    return fail(ErrorCode::invalid, "\"{}\" is not an IP address such as 203.0.113.7 or 2001:db8::7", text);
}

IpAddress IpAddress::unmapped() const {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (is_v4_ || !std::equal(mapped.begin(), mapped.end(), bytes_.begin())) return *this;
    return v4({bytes_[12], bytes_[13], bytes_[14], bytes_[15]});
}

IpAddress IpAddress::sender_network() const {
    IpAddress network = unmapped();
    if (!network.is_v4_) std::fill(network.bytes_.begin() + 8, network.bytes_.end(), std::uint8_t{0});
    return network;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto base = IpAddress::parse(text.substr(0, slash));
    if (!base) return std::unexpected{base.error()};
    IpNetwork network;
    network.base_ = *base;
    const unsigned longest = base->is_v4() ? 32 : 128;
    network.prefix_ = longest;
    if (slash == std::string_view::npos) return network;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_);
    if (error != std::errc{} || end != digits.data() + digits.size() || network.prefix_ > longest) {
        return fail(ErrorCode::invalid, "\"{}\" is not a network such as 10.0.0.0/8", text);
    }
    return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
    if (address.is_v4() != base_.is_v4()) return false;
    for (unsigned bit = 0; bit < prefix_; bit += 8) {
        const unsigned left = std::min(prefix_ - bit, 8U);
        const unsigned mask = (0xFFU << (8U - left)) & 0xFFU;
        if ((address.bytes()[bit / 8] & mask) != (base_.bytes()[bit / 8] & mask)) return false;
    }
    return true;
}

}  // namespace tollgate::http

std::size_t std::hash<tollgate::http::IpAddress>::operator()(
    const tollgate::http::IpAddress& address) const noexcept {
    const auto& bytes = address.bytes();
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});  // NOLINT(*-reinterpret-cast)
}
