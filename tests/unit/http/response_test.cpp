#include "http/response.hpp"

#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using tollgate::ErrorCode;
using tollgate::http::problem;
using tollgate::http::Response;
using tollgate::http::to_response;

namespace {

const std::vector<std::pair<ErrorCode, int>> statuses{
    {ErrorCode::invalid, 400},    {ErrorCode::unauthenticated, 401}, {ErrorCode::forbidden, 403},
    {ErrorCode::not_found, 404},  {ErrorCode::conflict, 409},        {ErrorCode::too_large, 413},
    {ErrorCode::bad_data, 422},   {ErrorCode::refused, 422},         {ErrorCode::duplicate, 200},
    {ErrorCode::overloaded, 503}, {ErrorCode::rate_limited, 429},    {ErrorCode::unavailable, 503},
    {ErrorCode::timed_out, 503},  {ErrorCode::contended, 503},       {ErrorCode::in_doubt, 503},
    {ErrorCode::fenced, 503},     {ErrorCode::misconfigured, 503},   {ErrorCode::internal, 503}};

}  // namespace

TEST_CASE("every error has its status") {
    for (const auto& [code, status] : statuses) {
        INFO(name(code));
        CHECK(to_response({code, "detail"}).status == status);
    }
}

TEST_CASE("what may work later says when to come again and nothing else does") {
    for (const auto& [code, status] : statuses) {
        INFO(name(code));
        const Response response = to_response({code, "detail"}, std::chrono::seconds{7});
        const bool later = status == 503 || status == 429;
        CHECK(response.headers.get("Retry-After") ==
              (later ? std::optional<std::string_view>{"7"} : std::nullopt));
    }
}

TEST_CASE("our own trouble and a failed proof are not explained to the sender") {
    for (const auto& [code, status] : statuses) {
        INFO(name(code));
        const Response response = to_response({code, "password of db1"});
        const bool told = status < 500 && code != ErrorCode::unauthenticated && code != ErrorCode::bad_data &&
                          code != ErrorCode::duplicate;
        CHECK((response.body.find("db1") != std::string::npos) == told);
    }
}

TEST_CASE("a problem is RFC 9457 JSON") {
    const Response response = problem(404, {}, "no \"source\" of that name");
    CHECK(response.status == 404);
    CHECK(response.headers.get("Content-Type") == "application/problem+json");
    CHECK(response.body == R"({"title":"Not Found","status":404,"detail":"no \"source\" of that name"})");
    CHECK(problem(409, "Held", {}).body == R"({"title":"Held","status":409})");
}
