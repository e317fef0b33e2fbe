// What a handler is given: a request as it was received, nothing decoded that a signature may cover.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/address.hpp"
#include "http/headers.hpp"
#include "telemetry/trace_context.hpp"

namespace tollgate::http {

enum class Method { get, head, post, put, patch, del, options, other };

// "GET"; "other" for what is none of the named ones. A closed set, fit for a label.
std::string_view name(Method method);
// Case matters, as HTTP has it.
Method method_of(std::string_view text);

struct PathParameter {
    std::string_view name;  // the route's own
    std::string value;      // decoded
};

struct Request {
    Method method = Method::get;
    std::string target;      // "/v1/in/acme/stripe?mode=live", still encoded
    Headers headers;         // without a chunked body's trailers, which are dropped: nobody verified those
    std::string body;        // the bytes as received; chunks are joined, a Content-Encoding is left alone
    IpAddress peer;          // who is connected to us, be it a proxy
    IpAddress client;        // whom a trusted proxy speaks for, else the peer
    std::string_view route;  // the pattern that matched; lives as long as the server
    std::vector<PathParameter> parameters;
    telemetry::TraceContext trace;  // the caller's trace with a span of our own, or a new one

    std::string_view path() const;
    std::string_view raw_query() const;  // what follows "?", encoded
    // The first value of that key, decoded.
    std::optional<std::string> query(std::string_view key) const;
    // A key that the route's pattern does not have is a bug and throws std::invalid_argument.
    std::string_view parameter(std::string_view key) const;
};

}  // namespace tollgate::http
