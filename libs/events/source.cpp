#include "events/source.hpp"

#include <algorithm>

namespace tollgate::events {

namespace {

constexpr std::string_view tenants = "/tenants/";
constexpr std::string_view sources = "/sources/";
constexpr std::string_view enrichment = "/enrichment";
constexpr std::size_t uuid_length = 36;
constexpr std::size_t slug_length_max = 39;

bool take(std::string_view& rest, std::string_view expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

}  // namespace

std::string Source::text() const {
    std::string whole{tenants};
    whole.append(tenant.text()).append(sources).append(slug);
    if (stage == Stage::enriched) whole.append(enrichment);
    return whole;
}

Result<Source> Source::parse(std::string_view text) {
    std::string_view rest = text;
    const bool begins = take(rest, tenants);
    const auto tenant = Uuid::parse(rest.substr(0, uuid_length));
    rest.remove_prefix(std::min(rest.size(), uuid_length));
    const bool goes_on = take(rest, sources);
    const std::string_view slug = rest.substr(0, rest.find('/'));
    rest.remove_prefix(slug.size());
    if (!begins || !tenant || !goes_on || !is_slug(slug) || (!rest.empty() && rest != enrichment)) {
        return fail(ErrorCode::invalid, "\"{}\" is not a source such as /tenants/<uuid>/sources/<slug>",
                    text);
    }
    return Source{*tenant, std::string{slug}, rest.empty() ? Stage::received : Stage::enriched};
}

bool is_slug(std::string_view text) {
    return !text.empty() && text.size() <= slug_length_max && text.front() != '-' &&
           std::ranges::all_of(
               text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace tollgate::events
