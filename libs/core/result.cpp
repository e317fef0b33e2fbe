#include "core/result.hpp"

#include <utility>

namespace tollgate {

Disposition disposition(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
        case ErrorCode::unauthenticated:
        case ErrorCode::forbidden:
        case ErrorCode::not_found:
        case ErrorCode::conflict:
        case ErrorCode::too_large:
        case ErrorCode::bad_data:
        case ErrorCode::refused:
            return Disposition::reject;
        case ErrorCode::duplicate:
            return Disposition::duplicate;
        case ErrorCode::overloaded:
        case ErrorCode::rate_limited:
            return Disposition::overloaded;
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
        case ErrorCode::contended:
        case ErrorCode::in_doubt:
        case ErrorCode::fenced:
        case ErrorCode::misconfigured:
        case ErrorCode::internal:
            return Disposition::retry;
    }
    std::unreachable();
}

std::string_view name(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return "invalid";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::forbidden:
            return "forbidden";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::too_large:
            return "too_large";
        case ErrorCode::bad_data:
            return "bad_data";
        case ErrorCode::refused:
            return "refused";
        case ErrorCode::duplicate:
            return "duplicate";
        case ErrorCode::overloaded:
            return "overloaded";
        case ErrorCode::rate_limited:
            return "rate_limited";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::timed_out:
            return "timed_out";
        case ErrorCode::contended:
            return "contended";
        case ErrorCode::in_doubt:
            return "in_doubt";
        case ErrorCode::fenced:
            return "fenced";
        case ErrorCode::misconfigured:
            return "misconfigured";
        case ErrorCode::internal:
            return "internal";
    }
    std::unreachable();
}

std::string Error::text() const {
    return fmt::format("{}: {}", name(code), detail);
}

Error Error::within(std::string_view doing) const {
    return Error{code, fmt::format("{}: {}", doing, detail)};
}

}  // namespace tollgate
