#include "http/client_address.hpp"

#include <algorithm>
#include <ranges>

namespace tollgate::http {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t comma = list.find(',');
        parts.push_back(trimmed(list.substr(0, comma)));
        if (comma == std::string_view::npos) return parts;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
    TrustedProxies proxies;
    if (trimmed(list).empty()) return proxies;
    for (const std::string_view part : split(list)) {
        const auto network = IpNetwork::parse(part);
        if (!network) return std::unexpected{network.error()};
        proxies.networks_.push_back(*network);
    }
    return proxies;
}

bool TrustedProxies::contains(const IpAddress& address) const {
    return std::ranges::any_of(
        networks_, [&](const IpNetwork& network) { return network.contains(address.unmapped()); });
}

IpAddress TrustedProxies::client_of(const IpAddress& peer, const Headers& headers) const {
    IpAddress client = peer.unmapped();
    if (networks_.empty() || !contains(client)) return client;
    for (const std::string_view field : headers.all("X-Forwarded-For") | std::views::reverse) {
        for (const std::string_view part : split(field) | std::views::reverse) {
            const auto address = IpAddress::parse(part);
            // Whoever stands before it cannot be told: it is as if this proxy had sent it.
            if (!address) return client;
            client = address->unmapped();
            if (!contains(client)) return client;
        }
    }
    return client;
}

}  // namespace tollgate::http
