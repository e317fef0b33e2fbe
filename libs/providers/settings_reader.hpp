// Reads a source's settings, a JSON object, field by field: a reader is a list of fields, the first error is
// kept, and at the end a field that nobody asked for is an error with the nearest word that somebody did ask
// for.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "providers/json.hpp"

namespace tollgate::providers {

class SettingsReader {
public:
    // Nothing at all is an object without fields.
    static Result<SettingsReader> parse(std::string_view settings);

    // Nothing, or a default, where the field is not there.
    std::optional<std::string> text(std::string_view field);
    bool boolean(std::string_view field, bool otherwise);
    std::chrono::seconds seconds(std::string_view field, std::chrono::seconds otherwise,
                                 std::chrono::seconds least, std::chrono::seconds most);
    // The index of the word; the first is the default.
    std::size_t one_of(std::string_view field, std::initializer_list<std::string_view> words);

    bool has(std::string_view field);
    // What the caller found wrong with a field, if nothing was before.
    void wrong(std::string_view field, std::string_view why);

    Result<void> finish();

private:
    explicit SettingsReader(Json json) : json_{std::move(json)} {}

    bool is_known(std::string_view field) const;
    const Json::Value* find(std::string_view field);

    Json json_;
    std::vector<std::string_view> known_;
    std::optional<Error> error_;
};

// The tolerance of a signed time: "tolerance", in seconds.
std::chrono::seconds read_tolerance(SettingsReader& settings);

}  // namespace tollgate::providers
