#include "http/request.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "http/percent.hpp"

namespace tollgate::http {

namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> methods{{{Method::get, "GET"},
                                                                      {Method::head, "HEAD"},
                                                                      {Method::post, "POST"},
                                                                      {Method::put, "PUT"},
                                                                      {Method::patch, "PATCH"},
                                                                      {Method::del, "DELETE"},
                                                                      {Method::options, "OPTIONS"}}};

}  // namespace

std::string_view name(Method method) {
    for (const auto& [known, text] : methods) {
        if (known == method) return text;
    }
    return "other";
}

Method method_of(std::string_view text) {
    for (const auto& [method, known] : methods) {
        if (known == text) return method;
    }
    return Method::other;
}

std::string_view Request::path() const {
    const std::string_view whole{target};
    return whole.substr(0, whole.find('?'));
}

std::string_view Request::raw_query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view{target}.substr(mark + 1);
}

std::optional<std::string> Request::query(std::string_view key) const {
    return form_value(raw_query(), key);
}

std::string_view Request::parameter(std::string_view key) const {
    for (const PathParameter& parameter : parameters) {
        if (parameter.name == key) return parameter.value;
    }
    throw std::invalid_argument{fmt::format("the route {} has no parameter \"{}\"", route, key)};
}

}  // namespace tollgate::http
