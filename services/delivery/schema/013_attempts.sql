-- release 1
-- An attempt is settled by its own name alone: without this each was looked for among all there are.

create unique index on delivery.attempt (attempt);

-- For each message that is due: whether another of its story is under way.
create index on delivery.delivery (tenant, destination, story_kind, story_id) where state = 'sending';
drop index delivery.delivery_tenant_destination_idx;
