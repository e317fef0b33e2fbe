#include "http/address_policy.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

namespace tollgate::http {

namespace {

struct Range {
    std::string_view network;
    std::string_view what;
};

// IANA's special-purpose registries for IPv4 and IPv6, less what is globally reachable. The first that fits
// names the reason.
constexpr std::array ranges{
    Range{"0.0.0.0/8", "this host"},
    Range{"10.0.0.0/8", "private"},
    Range{"100.64.0.0/10", "shared by a carrier's customers"},
    Range{"127.0.0.0/8", "loopback"},
    Range{"169.254.0.0/16", "link-local"},
    Range{"172.16.0.0/12", "private"},
    Range{"192.0.0.0/24", "reserved for protocols"},
    Range{"192.0.2.0/24", "documentation"},
    Range{"192.88.99.0/24", "a 6to4 relay"},
    Range{"192.168.0.0/16", "private"},
    Range{"198.18.0.0/15", "for benchmarks"},
    Range{"198.51.100.0/24", "documentation"},
    Range{"203.0.113.0/24", "documentation"},
    Range{"224.0.0.0/4", "multicast"},
    Range{"255.255.255.255/32", "broadcast"},
    Range{"240.0.0.0/4", "reserved"},
    Range{"::1/128", "loopback"},
    Range{"::/96", "an IPv4 address in IPv6"},
    Range{"64:ff9b::/96", "NAT64"},
    Range{"64:ff9b:1::/48", "NAT64"},
    Range{"2001::/23", "reserved for protocols"},
    Range{"2001:db8::/32", "documentation"},
    Range{"2002::/16", "6to4"},
    Range{"3fff::/20", "documentation"},
    Range{"fc00::/7", "private"},
    Range{"fe80::/10", "link-local"},
    Range{"ff00::/8", "multicast"},
};

struct Refusal {
    IpNetwork network;
    std::string_view what;
};

IpNetwork known_network(std::string_view text) {
    const auto network = IpNetwork::parse(text);
    if (!network) throw std::logic_error{network.error().text()};
    return *network;
}

std::array<Refusal, ranges.size()> parse_ranges() {
    std::array<Refusal, ranges.size()> refusals;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        refusals[i] = {known_network(ranges[i].network), ranges[i].what};
    }
    return refusals;
}

}  // namespace

Result<void> public_addresses_only(const IpAddress& address) {
    static const auto refusals = parse_ranges();
    static const IpNetwork global_unicast = known_network("2000::/3");
    const IpAddress judged = address.unmapped();
    for (const Refusal& refusal : refusals) {
        if (refusal.network.contains(judged)) {
            return fail(ErrorCode::forbidden, "the address {} is not public ({})", address.text(),
                        refusal.what);
        }
    }
    // Of IPv6 only one eighth is given out; what IANA has not assigned yet is nobody's webhook.
    if (!judged.is_v4() && !global_unicast.contains(judged)) {
        return fail(ErrorCode::forbidden, "the address {} is not public (reserved)", address.text());
    }
    return {};
}

Result<void> any_address(const IpAddress&) {
    return {};
}

}  // namespace tollgate::http
