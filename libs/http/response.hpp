// Answers, and the one translation of an Error into an HTTP status.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "http/headers.hpp"

namespace tollgate::http {

// The server adds Date, Content-Length and Connection; a handler that sets them is overruled.
struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

Response plain(int status, std::string body);
Response json(int status, std::string body);

// application/problem+json (RFC 9457). An empty title is the status' own phrase; an empty detail is left out.
Response problem(int status, std::string_view title, std::string_view detail);

constexpr std::chrono::seconds retry_after_default{5};

// The status for each code. Who sent the request reads the detail of what he did wrong himself; of our own
// trouble (503), of a failed proof (401) and of what a database said of the values (422) he reads nothing.
// Overloaded, rate_limited and all that may work later carry Retry-After.
Response to_response(const Error& error, std::chrono::seconds retry_after = retry_after_default);

// "Not Found"; empty for a number that HTTP does not know.
std::string_view reason_phrase(int status);

}  // namespace tollgate::http
