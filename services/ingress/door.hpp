// A source as ingress sees it: who its provider is, and what its requests are verified with.
#pragma once

#include <memory>
#include <string>

#include "providers/provider.hpp"
#include "tenants/registry.hpp"

namespace tollgate::ingress {

struct Door {
    const providers::Provider* provider = nullptr;
    std::shared_ptr<const providers::Trust> trust;  // null if the source's settings or secrets cannot be used
};

// For the registry, which keeps it with the source until that changes. `has_public_url`: whether we know the
// URL as senders see it.
std::shared_ptr<const void> make_door(const tenants::Source& source, bool has_public_url);

// Null where none could be made: its provider is not one that this program knows.
inline const Door* door_of(const tenants::Source& source) {
    return static_cast<const Door*>(source.prepared.get());
}

}  // namespace tollgate::ingress
