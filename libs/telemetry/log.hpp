// Structured logs: one JSON object a line on stderr, or a readable line when stderr is a terminal.
//
//   log::info("relay took over", {{"epoch", epoch}, {"position", position}});
//
// Fields called tenant, event_id, trace_id and error have their fixed places. Safe from any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::telemetry::log {

enum class Level { debug, info, warning, error };
enum class Format { json, readable };

Result<Level> parse_level(std::string_view text);

class Field {
public:
    Field(std::string_view key, std::string_view value) : key_{key}, value_{std::string{value}} {}
    Field(std::string_view key, const char* value) : key_{key}, value_{std::string{value}} {}
    Field(std::string_view key, const std::string& value) : key_{key}, value_{value} {}
    Field(std::string_view key, bool value) : key_{key}, value_{value} {}
    Field(std::string_view key, double value) : key_{key}, value_{value} {}
    Field(std::string_view key, std::signed_integral auto value)
        : key_{key}, value_{static_cast<std::int64_t>(value)} {}
    Field(std::string_view key, std::unsigned_integral auto value)
        : key_{key}, value_{static_cast<std::uint64_t>(value)} {}
    Field(std::string_view key, const Uuid& value) : key_{key}, value_{value.text()} {}
    Field(std::string_view key, const Error& value) : key_{key}, value_{value.text()} {}

    std::string_view key() const { return key_; }
    const std::variant<std::string, bool, double, std::int64_t, std::uint64_t>& value() const {
        return value_;
    }

private:
    std::string_view key_;
    std::variant<std::string, bool, double, std::int64_t, std::uint64_t> value_;
};

using Fields = std::initializer_list<Field>;

struct Settings {
    std::string service;
    Level level = Level::info;
    Format format = Format::json;
};

// Readable if stderr is a terminal, else JSON.
Format format_for_stderr();

// Called once, before the first thread. Until then logs are readable lines without a service.
void configure(const Settings& settings);

void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
    write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
    write(Level::info, message, fields);
}
inline void warning(std::string_view message, Fields fields = {}) {
    write(Level::warning, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
    write(Level::error, message, fields);
}

// The line that would be written, without its line feed; what `write` prints and tests read.
std::string format_line(const Settings& settings, Timestamp time, Level level, std::string_view message,
                        Fields fields);

}  // namespace tollgate::telemetry::log
