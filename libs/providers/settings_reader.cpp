#include "providers/settings_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/nearest.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers {

Result<SettingsReader> SettingsReader::parse(std::string_view settings) {
    auto json = Json::parse(settings.empty() ? "{}" : settings);
    if (!json || json->root().kind != Json::Kind::object) {
        return fail(ErrorCode::invalid, "the settings are not a JSON object, such as {{\"tolerance\": 300}}");
    }
    return SettingsReader{*std::move(json)};
}

bool SettingsReader::is_known(std::string_view field) const {
    return std::ranges::find(known_, field) != known_.end();
}

const Json::Value* SettingsReader::find(std::string_view field) {
    if (!is_known(field)) known_.push_back(field);
    const Json::Value* found = nullptr;
    for (const Json::Value* one = json_.child(json_.root()); one != nullptr; one = json_.next(*one)) {
        if (one->key != field) continue;
        if (found != nullptr) wrong(field, "is there twice");
        found = one;
    }
    return found;
}

void SettingsReader::wrong(std::string_view field, std::string_view why) {
    if (!error_) error_ = Error{ErrorCode::invalid, fmt::format("setting \"{}\" {}", field, why)};
}

bool SettingsReader::has(std::string_view field) {
    return find(field) != nullptr;
}

std::optional<std::string> SettingsReader::text(std::string_view field) {
    const Json::Value* value = find(field);
    if (value == nullptr) return std::nullopt;
    const auto text = Json::text_of(*value);
    if (text && !text->empty() && text->find('\0') == std::string::npos) return *text;
    wrong(field, "must be text, and not empty");
    return std::nullopt;
}

bool SettingsReader::boolean(std::string_view field, bool otherwise) {
    const Json::Value* value = find(field);
    if (value == nullptr) return otherwise;
    if (value->kind != Json::Kind::boolean) wrong(field, "must be true or false");
    return value->raw == "true";
}

std::chrono::seconds SettingsReader::seconds(std::string_view field, std::chrono::seconds otherwise,
                                             std::chrono::seconds least, std::chrono::seconds most) {
    const Json::Value* value = find(field);
    if (value == nullptr) return otherwise;
    std::int64_t number = 0;
    const std::string written{value->raw};
    const char* const end = written.data() + written.size();
    const auto read = std::from_chars(written.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number < least.count() || number > most.count()) {
        wrong(field,
              fmt::format("must be a whole number of seconds from {} to {}", least.count(), most.count()));
        return otherwise;
    }
    return std::chrono::seconds{number};
}

std::size_t SettingsReader::one_of(std::string_view field, std::initializer_list<std::string_view> words) {
    const Json::Value* value = find(field);
    if (value == nullptr) return 0;
    const auto text = Json::text_of(*value);
    const auto* const found = text ? std::ranges::find(words, *text) : words.end();
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    wrong(field, fmt::format("must be one of {}{}", fmt::join(words, ", "),
                             text ? did_you_mean(*text, words) : std::string{}));
    return 0;
}

Result<void> SettingsReader::finish() {
    for (const Json::Value* one = json_.child(json_.root()); one != nullptr; one = json_.next(*one)) {
        if (is_known(one->key)) continue;
        wrong(one->key, fmt::format("is unknown{}", did_you_mean(one->key, known_)));
    }
    if (error_) return std::unexpected{*error_};
    return {};
}

std::chrono::seconds read_tolerance(SettingsReader& settings) {
    return settings.seconds("tolerance", tolerance_default, std::chrono::seconds{1}, tolerance_max);
}

}  // namespace tollgate::providers
