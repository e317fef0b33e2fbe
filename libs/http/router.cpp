#include "http/router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "http/percent.hpp"

namespace tollgate::http {

namespace {

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string_view parameter_name(std::string_view segment) {
    return segment.substr(1, segment.size() - 2);
}

// "/a/b/" is "a", "b" and an empty one: so the trailing slash counts.
std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    std::size_t begin = 1;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        segments.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return segments;
}

void check(std::string_view pattern, const std::vector<std::string_view>& segments) {
    const auto malformed = [](std::string_view segment) {
        const bool braces = segment.find_first_of("{}") != std::string_view::npos;
        return (braces && !is_parameter(segment)) || segment.find_first_of("%? ") != std::string_view::npos;
    };
    if (!pattern.starts_with('/') || std::ranges::any_of(segments, malformed)) {
        throw std::invalid_argument{
            fmt::format("the route \"{}\" is not like /v1/in/{{tenant}}/{{source}}", pattern)};
    }
}

// Order of search: a literal before a parameter at the leftmost place where two patterns differ in kind.
bool goes_before(const Route& a, const Route& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, {}, is_parameter, is_parameter);
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    return std::ranges::equal(pattern, path, [](const std::string& wanted, const std::string& given) {
        return is_parameter(wanted) ? !given.empty() : wanted == given;
    });
}

bool same_place(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::equal(a, b, [](const std::string& x, const std::string& y) {
        return x == y || (is_parameter(x) && is_parameter(y));
    });
}

Result<std::vector<std::string>> decode_path(std::string_view path) {
    if (!path.starts_with('/')) return fail(ErrorCode::invalid, "the path does not begin with a slash");
    std::vector<std::string> decoded;
    for (const std::string_view segment : split(path)) {
        // Split before it is decoded: an encoded slash is part of its segment.
        auto text = percent_decode(segment);
        if (!text) return std::unexpected{text.error().within("the path")};
        decoded.push_back(std::move(*text));
    }
    return decoded;
}

Response method_not_allowed(std::vector<std::string_view> allowed) {
    const bool gets = std::ranges::find(allowed, name(Method::get)) != allowed.end();
    if (gets) allowed.push_back(name(Method::head));
    std::ranges::sort(allowed);
    const auto [first, last] = std::ranges::unique(allowed);
    allowed.erase(first, last);
    std::string list;
    for (const std::string_view method : allowed) {
        if (!list.empty()) list += ", ";
        list += method;
    }
    Response response = problem(405, {}, "this path does not take that method");
    response.headers.add("Allow", list);
    return response;
}

}  // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
    const auto segments = split(pattern);
    check(pattern, segments);
    Route route{.method = method,
                .pattern = std::string{pattern},
                .segments = {segments.begin(), segments.end()},
                .handler = std::move(handler),
                .options = std::move(options)};
    for (const Route& other : routes_) {
        if (other.method == method && same_place(other.segments, route.segments)) {
            throw std::invalid_argument{
                fmt::format("two routes for {}: {} and {}", name(method), other.pattern, pattern)};
        }
    }
    routes_.insert(std::ranges::upper_bound(routes_, route, goes_before), std::move(route));
}

std::expected<Router::Match, Response> Router::find(Method method, std::string_view path) const {
    auto segments = decode_path(path);
    if (!segments) return std::unexpected{to_response(segments.error())};
    const Route* found = nullptr;
    const Route* fallback = nullptr;  // GET, for HEAD
    std::vector<std::string_view> allowed;
    for (const Route& route : routes_) {
        if (!matches(route.segments, *segments)) continue;
        allowed.push_back(name(route.method));
        if (route.method == method && !found) found = &route;
        if (route.method == Method::get && method == Method::head && !fallback) fallback = &route;
    }
    if (!found) found = fallback;
    if (!found && allowed.empty()) return std::unexpected{problem(404, {}, {})};
    if (!found) return std::unexpected{method_not_allowed(std::move(allowed))};

    Match match{.route = found, .parameters = {}};
    for (std::size_t i = 0; i < found->segments.size(); ++i) {
        if (!is_parameter(found->segments[i])) continue;
        match.parameters.push_back({parameter_name(found->segments[i]), std::move((*segments)[i])});
    }
    return match;
}

}  // namespace tollgate::http
