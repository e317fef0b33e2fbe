// The fields of a form body, "id=1&payload[site][id]=2", read one after the other with the first error kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace tollgate::providers {

class FormFields {
public:
    explicit FormFields(std::string_view body);

    // There once, and not empty.
    std::string required(std::string_view name);
    // Nothing if it is not there or empty; twice is an error.
    std::optional<std::string> optional(std::string_view name);

    // The same text for the same fields, whatever their order and encoding.
    std::string canonical() const;

    const std::optional<Error>& error() const { return error_; }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
    std::optional<Error> error_;
};

}  // namespace tollgate::providers
