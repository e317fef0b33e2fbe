#include "postgres/error.hpp"

#include <algorithm>
#include <array>

namespace tollgate::postgres {

namespace {

struct Meaning {
    std::string_view prefix;  // of an SQLSTATE: all five characters, or the two of its class
    ErrorCode code;
};

// The first row that fits decides.
constexpr auto meanings = std::to_array<Meaning>({
    {"22", ErrorCode::bad_data},          // data exception
    {"23", ErrorCode::bad_data},          // integrity constraint violation
    {"40001", ErrorCode::contended},      // serialization failure
    {"40P01", ErrorCode::contended},      // deadlock
    {"55P03", ErrorCode::contended},      // lock not available
    {"40003", ErrorCode::in_doubt},       // statement completion unknown
    {"57014", ErrorCode::timed_out},      // query cancelled: the statement timeout
    {"25P03", ErrorCode::unavailable},    // idle in transaction for too long
    {"25006", ErrorCode::unavailable},    // a read-only server: a standby, or a primary that was one
    {"08", ErrorCode::unavailable},       // connection
    {"53", ErrorCode::unavailable},       // memory, disk, connections
    {"57", ErrorCode::unavailable},       // shutdown, crash, starting up
    {"58", ErrorCode::unavailable},       // input and output
    {"XX", ErrorCode::unavailable},       // corruption: nothing that the caller's data did
    {"28", ErrorCode::misconfigured},     // password, role
    {"0A000", ErrorCode::contended},      // a prepared statement outlived its table's shape
    {"3D000", ErrorCode::misconfigured},  // no such database
    {"42501", ErrorCode::misconfigured},  // not granted
    {"42P01", ErrorCode::misconfigured},  // no such table: not migrated
    {"3F000", ErrorCode::misconfigured},  // no such schema: not migrated
    {"42883", ErrorCode::misconfigured},  // no such function: not migrated
    {"TG001", ErrorCode::fenced},         // raised by our functions: somebody of a later epoch has it
    {"TG002", ErrorCode::misconfigured},  // raised by our functions: an operator must act
    {"TG003", ErrorCode::conflict},       // raised by our functions: a part of it is stored already
});

}  // namespace

ErrorCode classify(std::string_view sqlstate, std::string_view constraint) {
    if (sqlstate == "23514" && constraint.empty()) return ErrorCode::unavailable;
    const auto* found = std::ranges::find_if(
        meanings, [&](const Meaning& meaning) { return sqlstate.starts_with(meaning.prefix); });
    return found == meanings.end() ? ErrorCode::internal : found->code;
}

}  // namespace tollgate::postgres
