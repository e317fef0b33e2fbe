// The migrations of one owner of tables: files schema/NNN_what.sql beside its code, built into the program.
#pragma once

#include <span>
#include <string_view>

namespace tollgate::postgres {

struct Migration {
    int number;             // from the file's name; no gaps, no reuse
    std::string_view name;  // "001_leases"
    int release;            // from its first line, "-- release N"
    std::string_view sql;
};

struct Schema {
    std::string_view name;                    // of the Postgres schema that it fills
    std::span<const std::string_view> needs;  // schemas that must be migrated before
    std::span<const Migration> migrations;
};

// Leases and the record of migrations.
const Schema& schema();

}  // namespace tollgate::postgres
