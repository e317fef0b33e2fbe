// What a statement throws when it fails. `transact` turns it into a value; nothing else should catch it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::postgres {

class SqlError : public std::runtime_error {
public:
    SqlError(ErrorCode code, std::string sqlstate, const std::string& message)
        : std::runtime_error{message}, code_{code}, sqlstate_{std::move(sqlstate)} {}

    ErrorCode code() const { return code_; }
    const std::string& sqlstate() const { return sqlstate_; }
    Error error() const { return Error{code_, what()}; }

private:
    ErrorCode code_;
    std::string sqlstate_;
};

// The kind of failure that an SQLSTATE means to us. `constraint` is the name of the violated one, if any:
// 23514 without a name is a row that no partition takes, which is our fault and not the row's.
ErrorCode classify(std::string_view sqlstate, std::string_view constraint);

}  // namespace tollgate::postgres
