#include "delivery/story_rows.hpp"

#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "postgres/columns.hpp"

namespace tollgate::delivery {

namespace {

using postgres::column;
using postgres::unless_empty;

auto key_of(const Told* told) {
    return std::tie(told->posted.tenant, told->posted.destination, told->story.kind, told->story.id);
}

// Of no story two.
void keep(postgres::Transaction& tx, std::span<const Told* const> told, bool are_first) {
    if (told.empty()) return;
    const auto of = [&](auto what) { return column(told, what); };
    tx.execute(
        "insert into delivery.story as s (tenant, destination, kind, id, told, last_at, began, priority, "
        "happened, version, channel, ts) "
        "select tenant, destination, kind, id, 1, clock_timestamp(), began, priority, happened, version, "
        "channel, ts from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "w(tenant, destination, kind, id, began, priority, happened, version, channel, ts) "
        "on conflict (tenant, destination, kind, id) do update set told = s.told + 1, last_at = "
        "excluded.last_at, "
        "began = case when $11 and s.ts is distinct from excluded.ts then excluded.began else s.began end, "
        "channel = case when $11 then excluded.channel else s.channel end, "
        "ts = case when $11 then excluded.ts else s.ts end, is_fixed = s.is_fixed and not $11, "
        // An older state does not overwrite a newer one.
        "priority = case when s.happened > excluded.happened then s.priority else excluded.priority end, "
        "version = case when s.happened > excluded.happened then s.version else excluded.version end, "
        "happened = greatest(s.happened, excluded.happened)",
        of([](const Told* each) { return each->posted.tenant; }),
        of([](const Told* each) { return each->posted.destination; }),
        of([](const Told* each) { return std::string_view{each->story.kind}; }),
        of([](const Told* each) { return std::string_view{each->story.id}; }),
        of([](const Told* each) { return std::string_view{each->story.began}; }),
        of([](const Told* each) { return each->story.priority; }),
        of([](const Told* each) { return each->story.happened; }),
        of([](const Told* each) { return each->story.version; }),
        of([](const Told* each) { return unless_empty(each->posted.channel); }),
        of([](const Told* each) { return unless_empty(each->posted.ts); }), are_first);
}

// One that waits would say what is old by now.
void change_first(postgres::Transaction& tx, const Posted& posted, const StoryTold& story) {
    tx.execute(
        "delete from delivery.delivery d where d.tenant = $1 and d.destination = $2 and d.kind = 'update' "
        "and d.story_kind = $3 and d.story_id = $4 and d.state = 'waiting' and d.attempts = 0",
        posted.tenant, posted.destination, story.kind, story.id);
    tx.execute(
        "insert into delivery.delivery (tenant, delivery, destination, kind, key, why, layout, priority, "
        "story_kind, "
        "story_id, of_delivery) select d.tenant, gen_random_uuid(), d.destination, 'update', "
        "d.delivery::text, d.why, "
        "d.layout, 4, d.story_kind, d.story_id, d.delivery from delivery.delivery d "
        "where d.tenant = $1 and d.delivery = $2 on conflict do nothing",
        posted.tenant, posted.delivery);
}

}  // namespace

void note(postgres::Transaction& tx, std::span<const Told> told) {
    std::vector<const Told*> left;
    left.reserve(told.size());
    for (const Told& each : told) left.push_back(&each);
    while (!left.empty()) {
        // The earliest of each story.
        std::set<decltype(key_of(nullptr))> keys;
        std::array<std::vector<const Told*>, 2> earliest;
        std::vector<const Told*> later;
        for (const Told* const each : left) {
            const bool is_earliest = keys.insert(key_of(each)).second;
            (is_earliest ? earliest.at(each->story.is_first ? 1 : 0) : later).push_back(each);
        }
        keep(tx, earliest[0], false);
        keep(tx, earliest[1], true);
        left = std::move(later);
    }
    for (const Told& each : told)
        if (each.story.changes_first) change_first(tx, each.posted, each.story);
}

void fix(postgres::Transaction& tx, const Posted& posted) {
    tx.execute(
        "update delivery.story s set is_fixed = true from delivery.delivery d where d.tenant = $1 and "
        "d.delivery = $2 "
        "and s.tenant = d.tenant and s.destination = d.destination and s.kind = d.story_kind and s.id = "
        "d.story_id",
        posted.tenant, posted.delivery);
}

}  // namespace tollgate::delivery
