#include "enrichment/known_event.hpp"

#include <utility>
#include <vector>

#include "tenants/source_settings.hpp"

namespace tollgate::enrichment {

namespace {

tenants::TenantSource source_of(const archive::EventFacts& facts) {
    return {.tenant = facts.tenant, .slug = facts.source};
}

}  // namespace

std::unordered_map<Uuid, KnownEvent> read_known(postgres::Transaction& tx,
                                                std::span<const consumer::Task> tasks) {
    std::vector<Uuid> ids;
    ids.reserve(tasks.size());
    for (const consumer::Task& task : tasks) ids.push_back(task.id);
    auto facts = archive::read_event_facts(tx, ids);
    std::vector<tenants::TenantSource> sources;
    sources.reserve(facts.size());
    for (const archive::EventFacts& each : facts) sources.push_back(source_of(each));
    const auto settings = tenants::read_source_settings(tx, sources);
    std::unordered_map<Uuid, KnownEvent> known;
    for (archive::EventFacts& each : facts) {
        const auto found = settings.find(source_of(each));
        const Uuid id = each.id;
        known.emplace(id, KnownEvent{.facts = std::move(each),
                                     .settings = found == settings.end() ? "" : found->second});
    }
    return known;
}

}  // namespace tollgate::enrichment
