#include "http/response.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/retry_after.hpp"

namespace tollgate::http {

namespace {

struct Phrase {
    int status;
    std::string_view text;
};

constexpr std::array phrases{
    Phrase{100, "Continue"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{417, "Expectation Failed"},
    Phrase{422, "Unprocessable Content"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
};

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return 400;
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::forbidden:
            return 403;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::too_large:
            return 413;
        case ErrorCode::bad_data:
        case ErrorCode::refused:
            return 422;
        case ErrorCode::duplicate:
            return 200;
        case ErrorCode::rate_limited:
            return 429;
        case ErrorCode::overloaded:
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
        case ErrorCode::contended:
        case ErrorCode::in_doubt:
        case ErrorCode::fenced:
        case ErrorCode::misconfigured:
        case ErrorCode::internal:
            return 503;
    }
    std::unreachable();
}

bool is_told(ErrorCode code) {
    return status_of(code) < 500 && code != ErrorCode::unauthenticated && code != ErrorCode::bad_data;
}

}  // namespace

Response plain(int status, std::string body) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

Response json(int status, std::string body) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

Response problem(int status, std::string_view title, std::string_view detail) {
    boost::json::object body;
    body["title"] = title.empty() ? reason_phrase(status) : title;
    body["status"] = status;
    if (!detail.empty()) body["detail"] = detail;
    return {status, {{"Content-Type", "application/problem+json"}}, boost::json::serialize(body)};
}

Response to_response(const Error& error, std::chrono::seconds retry_after) {
    const int status = status_of(error.code);
    if (error.code == ErrorCode::duplicate) return Response{.status = status};
    Response response = problem(status, {}, is_told(error.code) ? error.detail : std::string_view{});
    if (status == 429 || status == 503) {
        response.headers.add("Retry-After", format_retry_after(retry_after));
    }
    return response;
}

std::string_view reason_phrase(int status) {
    const auto phrase = std::ranges::find(phrases, status, &Phrase::status);
    return phrase == phrases.end() ? std::string_view{} : phrase->text;
}

}  // namespace tollgate::http
