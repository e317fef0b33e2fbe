// Where a URL points, taken apart and checked for what can be sent. Only sources of this folder include it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::http {

struct Destination {
    bool tls = true;
    std::string host;       // a name or an address, without brackets
    std::string authority;  // as the Host header has it
    std::uint16_t port = 443;
    std::string target;  // path and query, encoded

    // "https://host:port/path?query". Credentials in it are refused (they belong into a header, and URLs are
    // shown), a fragment is dropped. International names have to be in their ASCII form.
    static Result<Destination> parse(std::string_view url);

    // "api.example.com:8443", for messages. Never the path, which may be a secret (Slack's webhooks).
    std::string name() const;
    // The same in small letters, without the port if it is the scheme's.
    std::string origin() const;
};

}  // namespace tollgate::http
