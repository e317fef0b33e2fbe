#include "postgres/rows.hpp"

#include <charconv>

#include <libpq-fe.h>

#include "postgres/error.hpp"

namespace tollgate::postgres {

Rows::Rows(pg_result* result) : result_{result} {}

void Rows::Clear::operator()(pg_result* result) const {
    PQclear(result);
}

std::size_t Rows::size() const {
    return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::size_t Rows::affected() const {
    const std::string_view text = PQcmdTuples(result_.get());
    std::size_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::string_view Rows::command() const {
    return PQcmdStatus(result_.get());
}

Row Rows::only() const {
    if (size() != 1) {
        throw SqlError{ErrorCode::internal, "", fmt::format("a statement for one row gave {}", size())};
    }
    return (*this)[0];
}

bool Row::is_null(std::size_t column) const {
    return PQgetisnull(result_, static_cast<int>(row_), static_cast<int>(column)) == 1;
}

TypeId Row::type(std::size_t column) const {
    return PQftype(result_, static_cast<int>(column));
}

std::string_view Row::bytes(std::size_t column) const {
    const int row = static_cast<int>(row_);
    const int field = static_cast<int>(column);
    return {PQgetvalue(result_, row, field), static_cast<std::size_t>(PQgetlength(result_, row, field))};
}

void Row::require_value(std::size_t column) const {
    if (column >= static_cast<std::size_t>(PQnfields(result_))) {
        throw SqlError{ErrorCode::internal, "", fmt::format("the statement has no column {}", column)};
    }
    if (is_null(column)) {
        throw SqlError{ErrorCode::internal, "",
                       fmt::format("column {} is null: read it as optional",
                                   PQfname(result_, static_cast<int>(column)))};
    }
}

}  // namespace tollgate::postgres
