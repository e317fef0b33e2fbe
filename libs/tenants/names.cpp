#include "tenants/names.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>

#include "core/uuid.hpp"

namespace tollgate::tenants {

namespace {

constexpr std::size_t slug_length_max = 39;
constexpr std::size_t title_length_max = 200;
constexpr std::size_t school_code_length_max = 64;
constexpr std::size_t operator_name_length_max = 63;
constexpr std::size_t alias_bytes_max = 255;
constexpr std::size_t settings_bytes_max = 64UZ * 1024;

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_letter_or_digit(char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

// Begins with a small letter or a digit; after it also those of `more`.
bool is_word(std::string_view text, std::size_t length_max, std::string_view more) {
    return !text.empty() && text.size() <= length_max && is_lower_or_digit(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return is_lower_or_digit(c) || more.contains(c); });
}

// A reader of the error must see what was wrong, and no more than a line of it.
std::string quoted(std::string_view text) {
    constexpr std::size_t shown_max = 80;
    return fmt::format("\"{}\"{}", text.substr(0, shown_max), text.size() > shown_max ? "..." : "");
}

std::unexpected<Error> bad_alias(std::string_view path, std::string_view why) {
    return fail(ErrorCode::invalid, "{} is no path for an alias: {}; one is like /webhooks/stripe",
                quoted(path), why);
}

}  // namespace

Result<void> check_slug(std::string_view of, std::string_view slug) {
    if (!is_word(slug, slug_length_max, "-")) {
        return fail(
            ErrorCode::invalid,
            "{} is no slug for a {}: it is 1 to 39 of a-z, 0-9 and -, and begins with a letter or digit",
            quoted(slug), of);
    }
    if (Uuid::parse(slug)) {
        return fail(ErrorCode::invalid, "{} is no slug for a {}: it would be taken for an id", quoted(slug),
                    of);
    }
    return {};
}

Result<void> check_title(std::string_view title) {
    const bool one_line =
        std::ranges::all_of(title, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
    if (!title.empty() && one_line && title.size() <= title_length_max && title.front() != ' ' &&
        title.back() != ' ') {
        return {};
    }
    return fail(ErrorCode::invalid,
                "{} is no name: it is one line of 1 to 200 bytes without blanks around it", quoted(title));
}

Result<void> check_plan(std::string_view plan) {
    if (is_word(plan, slug_length_max, "-_")) return {};
    return fail(ErrorCode::invalid, "{} is no plan: it is 1 to 39 of a-z, 0-9, - and _", quoted(plan));
}

Result<void> check_school_code(std::string_view code) {
    const bool fits = std::ranges::all_of(
        code, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
    if (!code.empty() && fits && code.size() <= school_code_length_max) return {};
    return fail(ErrorCode::invalid, "{} is no school code: it is 1 to 64 of letters, digits, . _ and -",
                quoted(code));
}

Result<void> check_operator_name(std::string_view name) {
    if (is_word(name, operator_name_length_max, "._@-")) return {};
    return fail(ErrorCode::invalid, "{} is no operator's name: it is 1 to 63 of a-z, 0-9, . _ @ and -",
                quoted(name));
}

Result<void> check_settings(std::string_view settings) {
    if (settings.size() > settings_bytes_max) {
        return fail(ErrorCode::invalid, "the settings have {} bytes, and at most {} are kept",
                    settings.size(), settings_bytes_max);
    }
    boost::system::error_code failure;
    const auto parsed = boost::json::parse(settings, failure);
    if (failure) return fail(ErrorCode::invalid, "the settings are not JSON: {}", failure.message());
    if (!parsed.is_object()) {
        return fail(ErrorCode::invalid,
                    "the settings are not a JSON object, which is like {{\"key\": \"value\"}}");
    }
    return {};
}

std::string_view without_last_slash(std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

Result<std::string> canonical_alias(std::string_view path) {
    const std::string_view kept = without_last_slash(path);
    if (!kept.starts_with('/') || kept.size() == 1)
        return bad_alias(path, "it must begin with / and have a name after it");
    if (kept.size() > alias_bytes_max) return bad_alias(path, "it is longer than 255 bytes");
    for (const std::string_view own :
         {"/v1", "/webhooks/customer", "/webhooks/billing/stripe", "/api/webhooks", "/webhooks/health",
          "/api/v1/gateway/webhooks/stripe/test"}) {
        if (kept == own || (kept.starts_with(own) && kept[own.size()] == '/'))
            return bad_alias(path, fmt::format("{} and those under it are our own", own));
    }
    std::string_view rest = kept;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        if (segment.empty()) return bad_alias(path, "it has two slashes in a row");
        if (segment == "." || segment == "..") return bad_alias(path, "it has . or .. for a name");
        const bool plain = std::ranges::all_of(segment, [](char c) {
            return is_letter_or_digit(c) || std::string_view{"._~!$&()*+,;=:@-"}.contains(c);
        });
        if (!plain) return bad_alias(path, "it has a character that does not stand in a path as it is");
        rest.remove_prefix(segment.size());
    }
    return std::string{kept};
}

}  // namespace tollgate::tenants
