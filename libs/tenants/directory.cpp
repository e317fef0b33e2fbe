#include "tenants/names.hpp"
#include "tenants/registry.hpp"

namespace tollgate::tenants {

Directory::Directory(const std::vector<const Entry*>& entries) : size_{entries.size()} {
    for (const Entry* entry : entries) {
        const auto& source = entry->source;
        tenants_.emplace(source->tenant_slug, source->tenant);
        by_tenant_[source->tenant].emplace(source->slug, source);
        for (const std::string& alias : entry->aliases) aliases_.emplace(alias, source);
        for (const std::string& code : entry->school_codes) school_codes_.emplace(code, source);
    }
}

std::shared_ptr<const Source> Directory::find_in(const Sources& sources, std::string_view name) {
    const auto found = sources.find(name);
    return found == sources.end() ? nullptr : found->second;
}

std::shared_ptr<const Source> Directory::find(std::string_view tenant, std::string_view source) const {
    auto id = Uuid::parse(tenant);
    if (!id) {
        const auto named = tenants_.find(tenant);
        if (named == tenants_.end()) return nullptr;
        id = named->second;
    }
    const auto found = by_tenant_.find(*id);
    return found == by_tenant_.end() ? nullptr : find_in(found->second, source);
}

std::shared_ptr<const Source> Directory::find_alias(std::string_view path) const {
    return find_in(aliases_, without_last_slash(path));
}

std::shared_ptr<const Source> Directory::find_school(std::string_view code) const {
    return find_in(school_codes_, code);
}

}  // namespace tollgate::tenants
