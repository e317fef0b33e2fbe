#include <charconv>
#include <utility>

#include "providers/json.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers {

const Json::Value* JsonFields::find(std::string_view pointer) {
    auto found = json_.find(from_, pointer);
    if (!found) {
        fail_with(std::move(found).error());
        return nullptr;
    }
    return *found != nullptr && (*found)->kind != Json::Kind::null ? *found : nullptr;
}

void JsonFields::fail_with(Error error) {
    if (!error_) error_ = std::move(error);
}

std::string JsonFields::required(std::string_view pointer) {
    const Json::Value* value = find(pointer);
    auto text = value == nullptr ? fail(ErrorCode::invalid, "it is not there") : Json::text_of(*value);
    if (text && text->empty()) text = fail(ErrorCode::invalid, "it is empty");
    if (text) return *std::move(text);
    fail_with({ErrorCode::invalid, fmt::format("the body's {}: {}", pointer, text.error().detail)});
    return {};
}

std::optional<std::string> JsonFields::label(std::string_view pointer) {
    const Json::Value* value = find(pointer);
    if (value == nullptr) return std::nullopt;
    if (value->kind == Json::Kind::number) return std::string{value->raw};
    auto text = Json::text_of(*value);
    if (!text || text->empty()) return std::nullopt;
    return *std::move(text);
}

std::optional<bool> JsonFields::boolean(std::string_view pointer) {
    const Json::Value* value = find(pointer);
    if (value == nullptr || value->kind != Json::Kind::boolean) return std::nullopt;
    return value->raw == "true";
}

std::optional<Timestamp> JsonFields::time(std::string_view pointer) {
    const auto text = label(pointer);
    return text ? read_time(*text) : std::nullopt;
}

bool JsonFields::has(std::string_view pointer) {
    return find(pointer) != nullptr;
}

std::string JsonFields::canonical(std::string_view pointer) {
    const Json::Value* value = find(pointer);
    return value == nullptr ? "null" : json_.canonical(*value);
}

}  // namespace tollgate::providers
