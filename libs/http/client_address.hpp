// Whose request it is, when proxies of ours stand between.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "http/address.hpp"
#include "http/headers.hpp"

namespace tollgate::http {

class TrustedProxies {
public:
    TrustedProxies() = default;  // none: the peer is the client
    // "10.0.0.0/8, 192.0.2.1": those whose word on whom they speak for is taken.
    static Result<TrustedProxies> parse(std::string_view list);

    // The peer, or the last address of X-Forwarded-For that no trusted proxy has. What stands before that one
    // was written by who knows whom.
    IpAddress client_of(const IpAddress& peer, const Headers& headers) const;

    bool contains(const IpAddress& address) const;

private:
    std::vector<IpNetwork> networks_;
};

}  // namespace tollgate::http
