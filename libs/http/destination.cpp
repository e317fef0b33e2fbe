#include "http/destination.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace tollgate::http {

namespace urls = boost::urls;

namespace {

bool is_plain_host(std::string_view host) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
    };
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, plain);
}

bool has_good_host(const urls::url_view& url) {
    if (url.host_type() == urls::host_type::ipv6) return true;  // Boost has parsed it as an address
    if (url.host_type() == urls::host_type::ipvfuture) return false;
    // As written: decoded it could hold anything, a line feed too.
    return is_plain_host(url.encoded_host());
}

// Boost 1.81 keeps the low bits of a number that is too large.
std::optional<std::uint16_t> port_of(const urls::url_view& url) {
    const std::string_view digits = url.port();
    std::uint16_t port = url.scheme_id() == urls::scheme::https ? 443 : 80;
    if (digits.empty()) return port;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    return port;
}

}  // namespace

// No message repeats the URL: it may hold a secret.
Result<Destination> Destination::parse(std::string_view url) {
    const auto parsed = urls::parse_uri(url);
    if (parsed.has_error()) return fail(ErrorCode::invalid, "the URL is malformed");
    const urls::url_view& parts = *parsed;
    if (parts.scheme_id() != urls::scheme::https && parts.scheme_id() != urls::scheme::http) {
        return fail(ErrorCode::invalid, "the URL is neither https nor http");
    }
    if (parts.has_userinfo()) return fail(ErrorCode::invalid, "the URL has credentials in it");
    if (!has_good_host(parts)) return fail(ErrorCode::invalid, "the URL has no usable host");
    const auto number = port_of(parts);
    if (!number) return fail(ErrorCode::invalid, "the URL has an impossible port");

    Destination destination;
    destination.tls = parts.scheme_id() == urls::scheme::https;
    destination.host = parts.host_address();
    destination.port = *number;
    destination.authority = std::string{parts.encoded_host_and_port()};
    destination.target = std::string{parts.encoded_target()};
    if (!destination.target.starts_with('/')) destination.target.insert(0, "/");
    return destination;
}

std::string Destination::name() const {
    return fmt::format("{}:{}", host, port);
}

std::string Destination::origin() const {
    std::string text = host.contains(':') ? fmt::format("[{}]", host) : host;
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return port == (tls ? 443 : 80) ? text : fmt::format("{}:{}", text, port);
}

}  // namespace tollgate::http
