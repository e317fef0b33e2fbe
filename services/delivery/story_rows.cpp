#include "delivery/story_rows.hpp"

#include "postgres/columns.hpp"

namespace tollgate::delivery {

void note(postgres::Transaction& tx, const Posted& posted, const StoryTold& story) {
    tx.execute(
        "insert into delivery.story as s (tenant, destination, kind, id, told, last_at, began, priority, "
        "happened, "
        "version, channel, ts) values ($1, $2, $3, $4, 1, clock_timestamp(), $5, $6, $7, $8, $9, $10) "
        "on conflict (tenant, destination, kind, id) do update set told = s.told + 1, last_at = "
        "excluded.last_at, "
        "began = case when $11 and s.ts is distinct from excluded.ts then excluded.began else s.began end, "
        "channel = case when $11 then excluded.channel else s.channel end, "
        "ts = case when $11 then excluded.ts else s.ts end, is_fixed = s.is_fixed and not $11, "
        // An older state does not overwrite a newer one.
        "priority = case when s.happened > excluded.happened then s.priority else excluded.priority end, "
        "version = case when s.happened > excluded.happened then s.version else excluded.version end, "
        "happened = greatest(s.happened, excluded.happened)",
        posted.tenant, posted.destination, story.kind, story.id, story.began, story.priority, story.happened,
        story.version, postgres::unless_empty(posted.channel), postgres::unless_empty(posted.ts),
        story.is_first);
    if (!story.changes_first) return;
    // One that waits would say what is old by now.
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

void fix(postgres::Transaction& tx, const Posted& posted) {
    tx.execute(
        "update delivery.story s set is_fixed = true from delivery.delivery d where d.tenant = $1 and "
        "d.delivery = $2 "
        "and s.tenant = d.tenant and s.destination = d.destination and s.kind = d.story_kind and s.id = "
        "d.story_id",
        posted.tenant, posted.delivery);
}

}  // namespace tollgate::delivery
