// Which handler answers a method and a path. Filled while the process is wired, never changed once served.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/request.hpp"
#include "http/response.hpp"

namespace tollgate::http {

// Runs on its connection's thread and must not block it: what waits for another thread uses `Completion`.
// Wired as a lambda that calls: [&](Request request) { return ingress.accept(std::move(request)); }
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

struct RouteOptions {
    // Instead of the server's limit; it may be above it.
    std::optional<std::uint64_t> body_bytes_max;
    // Asked when the head is there, before the body is read: how many bytes that may have, or the answer to
    // give instead. Of the request all but the body is known. It must not block or throw.
    std::function<std::expected<std::uint64_t, Response>(const Request& head)> admit;
    // Told when a body that was to be read did not come whole, in time and in its form. Likewise.
    std::function<void(const Request& head)> broken;
};

struct Route {
    Method method = Method::get;
    std::string pattern;
    std::vector<std::string> segments;  // "{name}" is a parameter
    Handler handler;
    RouteOptions options;
};

class Router {
public:
    struct Match {
        const Route* route;
        std::vector<PathParameter> parameters;
    };

    // "/v1/in/{tenant}/{source}": a parameter is a whole, non-empty segment. "/a" and "/a/" are two paths.
    // Two routes that differ only in the names of parameters, or a malformed pattern, are a bug and throw
    // std::invalid_argument.
    void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

    // A literal segment goes before a parameter, from left to right. HEAD finds what GET would. Otherwise the
    // answer to give: 400 for a path that cannot be decoded, 404, or 405 with Allow.
    std::expected<Match, Response> find(Method method, std::string_view path) const;

private:
    std::vector<Route> routes_;  // those with more literals on the left first
};

}  // namespace tollgate::http
