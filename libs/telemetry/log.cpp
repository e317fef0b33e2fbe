#include "telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include "telemetry/redaction.hpp"
#include "telemetry/text.hpp"

namespace tollgate::telemetry::log {

namespace {

struct State {
    Settings settings{.service = "", .level = Level::info, .format = Format::readable};
    // spdlog brings the locked, line-buffered sink; the line itself is ours.
    spdlog::logger logger{"tollgate", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

    State() {
        logger.set_pattern("%v");
        logger.set_level(spdlog::level::trace);
        logger.flush_on(spdlog::level::trace);
    }
};

State& state() {
    static State instance;
    return instance;
}

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

std::string_view name_of(Level level) {
    return level_names.at(static_cast<std::size_t>(level));
}

struct Visible {
    std::string_view key;

    std::string operator()(const std::string& text) const {
        return names_a_secret(key) ? "[redacted]" : redact(text);
    }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
};

std::string visible(const Field& field) {
    return std::visit(Visible{field.key()}, field.value());
}

// JSON needs no quotes round numbers and booleans; NaN and infinities, which it has not, become text.
bool is_bare_in_json(const Field& field) {
    if (std::holds_alternative<std::string>(field.value())) return false;
    const auto* number = std::get_if<double>(&field.value());
    return number == nullptr || (*number == *number && *number - *number == 0);
}

std::string quoted(std::string_view text) {
    return boost::json::serialize(boost::json::string_view{text.data(), text.size()});
}

std::string json_line(const Settings& settings, Timestamp time, Level level, std::string_view message,
                      Fields fields) {
    std::string line =
        fmt::format(R"({{"ts":"{}","level":"{}","service":{},"msg":{})", to_rfc3339(time), name_of(level),
                    quoted(settings.service), quoted(valid_utf8(redact(message))));
    for (const Field& field : fields) {
        const std::string value = visible(field);
        line += fmt::format(",{}:{}", quoted(field.key()),
                            is_bare_in_json(field) ? value : quoted(valid_utf8(value)));
    }
    line += '}';
    return line;
}

std::string readable_line(Timestamp time, Level level, std::string_view message, Fields fields) {
    static constexpr std::array<std::string_view, 4> marks{"debug", "info ", "WARN ", "ERROR"};
    const std::string stamp = to_rfc3339(time);
    std::string line = fmt::format("{} {} {}", stamp.substr(11, 12),
                                   marks.at(static_cast<std::size_t>(level)), printable(redact(message)));
    for (const Field& field : fields) line += fmt::format("  {}={}", field.key(), printable(visible(field)));
    return line;
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
    const auto* found = std::ranges::find(level_names, text);
    if (found == level_names.end()) {
        return fail(ErrorCode::invalid, "\"{}\" is not a log level: use debug, info, warning or error", text);
    }
    return static_cast<Level>(found - level_names.begin());
}

Format format_for_stderr() {
    return isatty(STDERR_FILENO) == 1 ? Format::readable : Format::json;
}

void configure(const Settings& settings) {
    state().settings = settings;
}

std::string format_line(const Settings& settings, Timestamp time, Level level, std::string_view message,
                        Fields fields) {
    return settings.format == Format::json ? json_line(settings, time, level, message, fields)
                                           : readable_line(time, level, message, fields);
}

void write(Level level, std::string_view message, Fields fields) {
    State& current = state();
    if (level < current.settings.level) return;
    const Timestamp now = SystemClock{}.now();
    current.logger.info(format_line(current.settings, now, level, message, fields));
}

}  // namespace tollgate::telemetry::log
