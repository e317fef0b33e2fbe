// Where the values of settings come from: arguments, environment, file, in this order of precedence.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/nearest.hpp"
#include "process/config_file.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

namespace {

constexpr std::string_view config_flag = "--config";

// One file serves all programs, so a program meets sections that others read. A section of no program is a
// mistake.
constexpr auto sections = std::to_array<std::string_view>(
    {"database", "kafka",   "probes",   "log",        "seal",    "http",     "up",
     "journal",  "ingress", "relay",    "enrichment", "billing", "delivery", "slack",
     "console",  "archive", "consumer", "operator",   "tls",     "retention"});

// A value that is longer is no value but a wrong file, perhaps one without an end.
constexpr std::streamsize value_file_bytes_max = 64 * 1024;

// A secret's file ends in a line feed that an editor put there.
Result<std::string> read_value_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return fail(ErrorCode::invalid, "{} is a directory", path);
    std::ifstream file{path, std::ios::binary};
    std::string value(value_file_bytes_max + 1, '\0');
    file.read(value.data(), value_file_bytes_max + 1);
    if (!file && !file.eof()) return fail(ErrorCode::invalid, "cannot read {}", path);
    if (file.gcount() > value_file_bytes_max)
        return fail(ErrorCode::invalid, "{} is longer than 64 KiB", path);
    value.resize(static_cast<std::size_t>(file.gcount()));
    if (value.contains('\0')) return fail(ErrorCode::invalid, "{} is not a text", path);
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    return value;
}

}  // namespace

Result<void> Settings::accept_flag(std::string_view flag, std::optional<std::string> value,
                                   std::span<const std::string>& rest) {
    const auto names_entry = [&](const Entry& entry) {
        if (entry.kind == Kind::positional) return false;
        return flag == flag_of(entry);
    };
    const auto found = std::ranges::find_if(entries_, names_entry);
    if (found == entries_.end() && flag != config_flag) {
        std::vector<std::string> known{std::string{config_flag}};
        for (const Entry& entry : entries_) {
            if (entry.kind != Kind::positional) {
                known.push_back(flag_of(entry));
            }
            if (entry.kind == Kind::secret && flag == flag_of(entry.name)) {
                return fail(
                    ErrorCode::invalid,
                    "{0} would show a secret to every user of this machine: use {0}-file, or {1} in the "
                    "environment",
                    flag, variable_of(entry.name));
            }
        }
        return fail(ErrorCode::invalid, "unknown flag {}{}; --help lists them", flag,
                    did_you_mean(flag, known));
    }
    const bool is_boolean = found != entries_.end() && found->is_boolean;
    if (!value && is_boolean) value = "true";
    if (!value) {
        if (rest.empty()) return fail(ErrorCode::invalid, "{} needs a value", flag);
        value = rest.front();
        rest = rest.subspan(1);
    }
    if (found != entries_.end() && (found->kind == Kind::option || found->kind == Kind::flag))
        own_arguments_.emplace_back(found->name, *value);
    if (found != entries_.end() && found->is_list) {
        const auto assigned = found->assign(*value);
        if (!assigned) return std::unexpected{assigned.error().within(std::string{flag})};
        return {};
    }
    const bool again = flag == config_flag ? !config_path_.empty() : found->from_arguments.has_value();
    if (again) return fail(ErrorCode::invalid, "{} is given twice", flag);
    if (flag == config_flag) {
        if (value->empty()) return fail(ErrorCode::invalid, "{} needs a value", flag);
        config_path_ = *value;
    } else {
        found->from_arguments =
            Source{.name = std::string{flag}, .value = *value, .is_path = found->kind == Kind::secret};
    }
    return {};
}

Result<void> Settings::accept_positional(const std::string& value) {
    const auto free = std::ranges::find_if(
        entries_, [](const Entry& entry) { return entry.kind == Kind::positional && !entry.from_arguments; });
    if (free == entries_.end())
        return fail(ErrorCode::invalid, "unexpected argument \"{}\"; --help shows the usage", value);
    free->from_arguments = Source{.name = free->name, .value = value};
    own_arguments_.emplace_back(free->name, value);
    return {};
}

Result<void> Settings::read_arguments(std::span<const std::string> arguments) {
    bool only_positionals = false;
    while (!arguments.empty()) {
        const std::string argument = arguments.front();
        arguments = arguments.subspan(1);
        Result<void> accepted;
        if (only_positionals || argument == "-" || !argument.starts_with('-')) {
            accepted = accept_positional(argument);
        } else if (argument == "--") {
            only_positionals = true;
        } else {
            const auto equals = argument.find('=');
            std::optional<std::string> value;
            if (equals != std::string::npos) value = argument.substr(equals + 1);
            accepted = accept_flag(argument.substr(0, equals), std::move(value), arguments);
        }
        if (!accepted) return accepted;
    }
    for (const Entry& entry : entries_) {
        if (entry.kind == Kind::positional && entry.required && !entry.from_arguments)
            return fail(ErrorCode::invalid, "{} is missing; --help shows the usage", entry.name);
    }
    return {};
}

Result<void> Settings::read_config_file() {
    bool asked_for = !config_path_.empty();
    if (!asked_for) {
        const auto variable = environment_(std::string{config_variable});
        asked_for = variable.has_value();
        config_path_ = variable.value_or(std::string{default_config_path});
    }
    std::error_code ignored;
    if (!asked_for && !std::filesystem::exists(config_path_, ignored)) return {};
    const auto keys = read_toml(config_path_);
    if (!keys) return std::unexpected{keys.error()};
    for (const ConfigKey& key : *keys) {
        if (const auto accepted = accept_file_key(key); !accepted) return accepted;
    }
    return {};
}

Result<void> Settings::accept_file_key(const ConfigKey& key) {
    const std::string& section = key.section;
    const std::string name = section + "." + key.name;
    const bool ours =
        std::ranges::any_of(entries_, [&](const Entry& e) { return e.name.starts_with(section + "."); });
    if (!ours) {
        if (std::ranges::find(sections, section) != sections.end()) return {};
        return fail(ErrorCode::invalid, "{}: unknown section [{}]{}", config_path_, section,
                    did_you_mean(section, sections));
    }
    std::vector<std::string> known;
    for (const Entry& entry : entries_) {
        if (entry.kind != Kind::setting && entry.kind != Kind::secret) continue;
        const bool names_file = name == entry.name + "_file";
        if (name != entry.name && !names_file) {
            known.push_back(entry.name);
            continue;
        }
        if (file_values_.contains(entry.name)) {
            return fail(ErrorCode::invalid, "{}: {} and {}_file are both set: which one?", config_path_,
                        entry.name, entry.name);
        }
        file_values_[entry.name] = {
            .name = fmt::format("{} in {}", name, config_path_), .value = key.value, .is_path = names_file};
        return {};
    }
    return fail(ErrorCode::invalid, "{}: unknown key {}{}", config_path_, name, did_you_mean(name, known));
}

Result<std::optional<Settings::Source>> Settings::source_of(const Entry& entry) const {
    if (entry.from_arguments) return entry.from_arguments;
    if (entry.kind != Kind::setting && entry.kind != Kind::secret) return std::nullopt;
    const std::string variable = variable_of(entry.name);
    auto value = environment_(variable);
    auto path = environment_(variable + "_FILE");
    if (value && path) return fail(ErrorCode::invalid, "{0} and {0}_FILE are both set: which one?", variable);
    if (value) return Source{.name = variable, .value = std::move(*value)};
    if (path) return Source{.name = variable + "_FILE", .value = std::move(*path), .is_path = true};
    const auto in_file = file_values_.find(entry.name);
    if (in_file != file_values_.end()) return in_file->second;
    return std::nullopt;
}

Result<void> Settings::resolve(const Entry& entry) const {
    const auto source = source_of(entry);
    if (!source) return std::unexpected{source.error()};
    std::string value;
    if (source->has_value()) {
        value = (*source)->value;
        if ((*source)->is_path) {
            auto content = read_value_file((*source)->value);
            if (!content) {
                Error error = content.error().within((*source)->name);
                if (!entry.keep_unread) return std::unexpected{std::move(error)};
                entry.keep_unread(std::move(error));
                return {};
            }
            value = std::move(*content);
        }
    }
    if (entry.required && value.empty() && entry.kind == Kind::option) {
        return fail(ErrorCode::invalid, "{} is missing; --help shows the usage", flag_of(entry.name));
    }
    if (entry.required && value.empty() && entry.kind != Kind::positional) {
        const std::string variable = variable_of(entry.name);
        return fail(ErrorCode::invalid, "{} is {}: give it in {}, or in a file named by {}_FILE", entry.name,
                    source->has_value() ? "empty" : "not set", variable, variable);
    }
    if (!source->has_value()) return {};
    const auto assigned = entry.assign(value);
    if (!assigned) return std::unexpected{assigned.error().within((*source)->name)};
    return {};
}

Result<void> Settings::parse(std::span<const std::string> arguments) {
    if (const auto read = read_arguments(arguments); !read) return read;
    if (const auto read = read_config_file(); !read) return read;
    for (const Entry& entry : entries_) {
        if (const auto resolved = resolve(entry); !resolved) return resolved;
    }
    return {};
}

const Settings::Entry* Settings::takes_value(std::string_view flag) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.kind != Kind::positional && !entry.is_boolean && flag == flag_of(entry);
    });
    return found == entries_.end() ? nullptr : &*found;
}

void Settings::learn(std::span<const std::string> given) {
    // What is not whole yet says nothing wrong.
    (void)read_arguments(given);
    for (const Entry& entry : entries_) {
        if (entry.from_arguments && !entry.from_arguments->is_path)
            (void)entry.assign(entry.from_arguments->value);
    }
}

std::set<std::string> Settings::candidates(std::span<const std::string> given, std::string_view typed) {
    std::set<std::string> found;
    const auto take = [&](const Entry& entry, std::string_view flag, std::string_view value) {
        if (!entry.suggestions) return;
        for (const std::string& each : entry.suggestions(value))
            found.insert(fmt::format("{}{}", flag, each));
    };
    if (const Entry* const entry = given.empty() ? nullptr : takes_value(given.back()); entry != nullptr) {
        learn(given.first(given.size() - 1));
        take(*entry, "", typed);
        return found;
    }
    learn(given);
    if (const auto equals = typed.find('='); typed.starts_with("--") && equals != std::string_view::npos) {
        const Entry* const entry = takes_value(typed.substr(0, equals));
        if (entry != nullptr) take(*entry, typed.substr(0, equals + 1), typed.substr(equals + 1));
        return found;
    }
    for (const Entry& entry : entries_) {
        const bool is_setting = entry.kind == Kind::setting || entry.kind == Kind::secret;
        if (entry.kind == Kind::positional) {
            if (!entry.from_arguments) take(entry, "", typed);
        } else if (!entry.from_arguments && (!is_setting || typed.starts_with("--"))) {
            found.insert(flag_of(entry));
        }
    }
    found.insert("--help");
    return found;
}

}  // namespace tollgate::process
