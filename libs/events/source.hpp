// Where an event comes from, as CloudEvents names it: the tenant's source, and which part of Tollgate speaks.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::events {

// received: the provider's bytes as ingress took them in. enriched: the payment event made of them. Both have
// the same event id, so it is the source that tells them apart.
enum class Stage { received, enriched };

struct Source {
    Uuid tenant;
    std::string slug;
    Stage stage = Stage::received;

    // "/tenants/<uuid>/sources/<slug>", with "/enrichment" behind it when enriched.
    std::string text() const;
    static Result<Source> parse(std::string_view text);

    bool operator==(const Source&) const = default;
};

// [a-z0-9][a-z0-9-]{0,38}: what tenants and sources are called in URLs.
bool is_slug(std::string_view text);

}  // namespace tollgate::events
