// Expected failures are values. An error carries a code for machines and a sentence for people.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tollgate {

enum class ErrorCode {
    invalid,          // malformed or impossible input
    unauthenticated,  // no proof of who sent it, or a wrong one
    forbidden,        // known, but not allowed
    not_found,
    conflict,       // contradicts what is stored
    too_large,      // beyond a named limit
    bad_data,       // a database refused the values themselves (SQLSTATE 22, 23)
    refused,        // the other side said no for good
    duplicate,      // done before; the effect stands
    overloaded,     // a queue of ours is full
    rate_limited,   // the sender is over its allowance
    unavailable,    // the other side cannot be reached, or not now
    timed_out,      // no answer within the deadline
    contended,      // deadlock, lock timeout, serialisation: the same again may work
    in_doubt,       // sent, and the answer was lost: it may have happened
    fenced,         // somebody else holds the lease by now
    misconfigured,  // the deployment is wrong: an operator must act
    internal,       // a bug of ours
};

// What a caller does about a failure. The one place that decides it; HTTP statuses and consumer outcomes
// are translations of this.
enum class Disposition { retry, reject, duplicate, overloaded };

Disposition disposition(ErrorCode code);
std::string_view name(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string detail;

    // "unavailable: connection to 127.0.0.1:5433 refused"
    std::string text() const;
    // The same error, saying first what was being done: "relay: unavailable: ...".
    Error within(std::string_view doing) const;
};

template <typename T>
using Result = std::expected<T, Error>;

template <typename... Args>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected<Error>{Error{code, fmt::format(format, std::forward<Args>(args)...)}};
}

}  // namespace tollgate
