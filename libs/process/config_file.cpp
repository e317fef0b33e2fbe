#include "process/config_file.hpp"

#include <filesystem>
#include <fstream>

#include <toml++/toml.h>

namespace tollgate::process {

namespace {

Result<std::string> as_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* truth = node.as_boolean()) return std::string{truth->get() ? "true" : "false"};
    return fail(ErrorCode::invalid, "must be a text, a whole number, true or false");
}

}  // namespace

Result<std::vector<ConfigKey>> read_toml(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return fail(ErrorCode::invalid, "the configuration {} is a directory", path);
    }
    std::ifstream file{path};
    if (!file) return fail(ErrorCode::invalid, "cannot read the configuration {}", path);
    toml::table document;
    try {
        document = toml::parse(file);
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::invalid, "{}:{}: {}", path, error.source().begin.line, error.description());
    }
    std::vector<ConfigKey> keys;
    for (const auto& [section, content] : document) {
        const toml::table* const entries = content.as_table();
        if (entries == nullptr) {
            return fail(ErrorCode::invalid, "{}:{}: \"{}\" stands outside a section such as [database]", path,
                        content.source().begin.line, section.str());
        }
        for (const auto& [name, node] : *entries) {
            auto value = as_text(node);
            if (!value) {
                return fail(ErrorCode::invalid, "{}:{}: {}.{} {}", path, node.source().begin.line,
                            section.str(), name.str(), value.error().detail);
            }
            keys.push_back({std::string{section.str()}, std::string{name.str()}, std::move(*value)});
        }
    }
    return keys;
}

}  // namespace tollgate::process
