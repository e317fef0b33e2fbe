#include "process/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <fmt/ranges.h>
#include <unistd.h>

#include "core/nearest.hpp"
#include "core/units.hpp"

namespace tollgate::process {

std::string Settings::flag_of(std::string_view name) {
    std::string flag = fmt::format("--{}", name);
    std::ranges::replace(flag, '.', '-');
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::string Settings::flag_of(const Entry& entry) {
    return flag_of(entry.name) + (entry.kind == Kind::secret ? "-file" : "");
}

std::string Settings::variable_of(std::string_view name) {
    std::string variable = fmt::format("TOLLGATE_{}", name);
    std::ranges::transform(variable, variable.begin(), [](char c) {
        if (c == '.') return '_';
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return variable;
}

Settings::Settings()
    : Settings{[](const std::string& name) -> std::optional<std::string> {
          // NOLINTNEXTLINE(concurrency-mt-unsafe): read at start, before there is a second thread
          const char* value = std::getenv(name.c_str());
          if (value == nullptr) return std::nullopt;
          return value;
      }} {}

std::vector<std::string> Settings::variables_of_process() {
    std::vector<std::string> names;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable{*each};
        names.emplace_back(variable.substr(0, variable.find('=')));
    }
    return names;
}

std::vector<std::string> Settings::own_variables() const {
    std::vector<std::string> own{std::string{config_variable}};
    for (const Entry& entry : entries_) {
        if (entry.kind != Kind::setting && entry.kind != Kind::secret) continue;
        own.push_back(variable_of(entry.name));
        own.push_back(own.back() + "_FILE");
    }
    return own;
}

bool Settings::reads(std::string_view variable) const {
    const auto own = own_variables();
    return std::ranges::find(own, variable) != own.end();
}

std::vector<std::pair<std::string, std::string>> Settings::misspelt(
    std::span<const std::string> variables) const {
    // Of two words that differ in more than this the settings have several.
    constexpr std::size_t slips_max = 2;
    const auto own = own_variables();
    const std::vector<std::string_view> known{own.begin(), own.end()};
    std::vector<std::pair<std::string, std::string>> found;
    for (const std::string& variable : variables) {
        if (!variable.starts_with("TOLLGATE_")) continue;
        const std::string_view meant = tollgate::misspelt(variable, known, slips_max);
        if (!meant.empty()) found.emplace_back(variable, meant);
    }
    return found;
}

void Settings::add(const std::string& name, std::string& target, const std::string& help) {
    entries_.push_back({.kind = Kind::setting,
                        .name = name,
                        .help = help,
                        .default_text = target,
                        .assign = [&target](std::string_view text) -> Result<void> {
                            target = text;
                            return {};
                        }});
}

void Settings::add(const std::string& name, bool& target, const std::string& help) {
    entries_.push_back({.kind = Kind::setting,
                        .name = name,
                        .help = help,
                        .default_text = target ? "true" : "false",
                        .is_boolean = true,
                        .assign = [&target](std::string_view text) -> Result<void> {
                            if (text != "true" && text != "false") {
                                return fail(ErrorCode::invalid, "\"{}\" is neither true nor false", text);
                            }
                            target = text == "true";
                            return {};
                        }});
}

void Settings::add_flag(const std::string& name, bool& target, const std::string& help) {
    add(name, target, help);
    entries_.back().kind = Kind::flag;
}

void Settings::add_choice(const std::string& name, std::string& target, std::vector<std::string> choices,
                          const std::string& help) {
    add(name, target, fmt::format("{} ({})", help, fmt::join(choices, ", ")));
    accept_only(std::move(choices));
}

void Settings::accept_only(std::vector<std::string> words) {
    Entry& entry = entries_.back();
    entry.suggestions = [words](std::string_view) { return words; };
    entry.assign = [words = std::move(words),
                    assign = std::move(entry.assign)](std::string_view text) -> Result<void> {
        if (std::ranges::find(words, text) == words.end()) {
            return fail(ErrorCode::invalid, "\"{}\" is none of {}{}", text, fmt::join(words, ", "),
                        did_you_mean(text, words));
        }
        return assign(text);
    };
}

void Settings::add(const std::string& name, std::chrono::milliseconds& target, const std::string& help,
                   std::chrono::milliseconds smallest, std::chrono::milliseconds largest) {
    const auto parse = [&target, smallest, largest](std::string_view text) -> Result<void> {
        const auto duration = parse_duration(text);
        if (!duration) return std::unexpected{duration.error()};
        if (*duration < smallest || *duration > largest) {
            return fail(ErrorCode::invalid, "\"{}\" is not between {} and {}", text, to_text(smallest),
                        to_text(largest));
        }
        target = *duration;
        return {};
    };
    entries_.push_back({.kind = Kind::setting,
                        .name = name,
                        .help = help,
                        .default_text = to_text(target),
                        .assign = parse});
}

void Settings::add(const std::string& name, ByteSize& target, const std::string& help) {
    entries_.push_back({.kind = Kind::setting,
                        .name = name,
                        .help = help,
                        .default_text = size_to_text(target.bytes),
                        .assign = [&target](std::string_view text) -> Result<void> {
                            const auto size = parse_size(text);
                            if (!size) return std::unexpected{size.error()};
                            target.bytes = *size;
                            return {};
                        }});
}

void Settings::add_number(const std::string& name, const std::string& help, const std::string& default_text,
                          std::int64_t smallest, std::int64_t largest,
                          const std::function<void(std::int64_t)>& assign) {
    const auto parse = [=](std::string_view text) -> Result<void> {
        std::int64_t value = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failure != std::errc{} || end != text.data() + text.size() || value < smallest ||
            value > largest) {
            return fail(ErrorCode::invalid, "\"{}\" is not a whole number from {} to {}", text, smallest,
                        largest);
        }
        assign(value);
        return {};
    };
    entries_.push_back(
        {.kind = Kind::setting, .name = name, .help = help, .default_text = default_text, .assign = parse});
}

void Settings::add(const std::string& name, Secret& target, const std::string& help) {
    entries_.push_back({.kind = Kind::secret,
                        .name = name,
                        .help = help,
                        .assign = [&target](std::string_view text) -> Result<void> {
                            target = Secret{std::string{text}};
                            return {};
                        }});
}

void Settings::add(const std::string& name, Result<Secret>& target, const std::string& help) {
    entries_.push_back(
        {.kind = Kind::secret,
         .name = name,
         .help = help,
         .assign = [&target](std::string_view text) -> Result<void> {
             target = Secret{std::string{text}};
             return {};
         },
         .keep_unread = [&target](Error error) { target = std::unexpected{std::move(error)}; }});
}

void Settings::add_option(const std::string& name, std::string& target, const std::string& help) {
    add(name, target, help);
    entries_.back().kind = Kind::option;
    entries_.back().assign = [&target](std::string_view text) -> Result<void> {
        if (text.empty()) return fail(ErrorCode::invalid, "must not be empty");
        target = text;
        return {};
    };
}

void Settings::add_list(const std::string& name, std::vector<std::string>& target, const std::string& help) {
    entries_.push_back({.kind = Kind::option,
                        .name = name,
                        .help = help + "; may be given several times",
                        .is_list = true,
                        .assign = [&target](std::string_view text) -> Result<void> {
                            if (text.empty()) return fail(ErrorCode::invalid, "must not be empty");
                            target.emplace_back(text);
                            return {};
                        }});
}

void Settings::add_positional(const std::string& name, std::string& target, const std::string& help,
                              bool required) {
    add(name, target, help);
    entries_.back().kind = Kind::positional;
    entries_.back().required = required;
}

std::string Settings::help_text() const {
    std::string own;
    std::string shared;
    for (const Entry& entry : entries_) {
        const bool is_setting = entry.kind == Kind::setting || entry.kind == Kind::secret;
        const std::string left = entry.kind == Kind::positional ? entry.name
                                 : entry.kind == Kind::secret   ? flag_of(entry.name) + "-file FILE"
                                 : entry.is_boolean             ? flag_of(entry.name)
                                                                : flag_of(entry.name) + " VALUE";
        std::string line = fmt::format("  {:<34}  {}", left, entry.help);
        if (is_setting && !entry.default_text.empty()) line += fmt::format(" [{}]", entry.default_text);
        line += '\n';
        if (is_setting) line += fmt::format("  {:<34}  {}\n", "", variable_of(entry.name));
        (is_setting ? shared : own) += line;
    }
    std::string text;
    if (!own.empty()) text += "\n" + own;
    if (!shared.empty()) {
        text += fmt::format(
            "\nSettings, by flag, else environment (or VARIABLE_FILE, a file that holds it), else file "
            "(--config, TOLLGATE_CONFIG or {}), else [default]:\n{}",
            default_config_path, shared);
    }
    return text;
}

}  // namespace tollgate::process
