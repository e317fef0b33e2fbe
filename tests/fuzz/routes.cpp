// Links: tollgate::http
#include <algorithm>
#include <cstdlib>

#include "fuzz/target.hpp"
#include "http/router.hpp"

using tollgate::http::Method;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;

namespace {

boost::asio::awaitable<Response> nothing(const Request&) {
    co_return Response{};
}

// Literals, parameters and both side by side, as ingress has them.
const Router& router() {
    static const Router made = [] {
        Router routes;
        for (const char* const pattern :
             {"/v1/in/{tenant}/{source}", "/v1/in/{tenant}/{source}/", "/webhooks/stripe",
              "/webhooks/{1}/{2}/", "/api/v1/gateway/webhooks/stripe/test", "/{1}",
              "/{1}/{2}/{3}/{4}/{5}/{6}"})
            routes.add(Method::post, pattern, nothing);
        routes.add(Method::get, "/webhooks/health", nothing);
        return routes;
    }();
    return made;
}

void must(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// A path, as it comes from a sender.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view path{reinterpret_cast<const char*>(data), size};
    for (const Method method : {Method::post, Method::get, Method::head, Method::other}) {
        const auto found = router().find(method, path);
        if (!found) {
            must(found.error().status == 400 || found.error().status == 404 || found.error().status == 405);
            continue;
        }
        for (const auto& parameter : found->parameters)
            must(!parameter.value.empty() &&
                 std::ranges::none_of(parameter.value, [](unsigned char c) { return c < ' '; }));
    }
    return 0;
}
