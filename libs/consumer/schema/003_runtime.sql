-- release 1
-- What the runtime of every consumer keeps. A message is known by our event's id; what has none gets one made of its
-- place.

-- Who consumes what. An event is due to a consumer from `since` on, which is an id; all zeros: all that is stored.
create table consumer.consumer (
    name text primary key check (name ~ '^[a-z][a-z0-9_-]{0,62}$' and name not in ('relay')),
    input text not null,                -- a topic without the prefix of a deployment: 'raw'
    since uuid not null,
    registered_at timestamptz not null default clock_timestamp(),
    -- What is stored, not withheld and not in the inbox is appended to the journal again, in the order of the ids: from
    -- the first after this one, below the other. Null: nothing to refill.
    refill_after uuid,
    refill_until uuid,
    refill_reason text,
    check (num_nulls(refill_after, refill_until, refill_reason) in (0, 3))
);

-- What a consumer has taken on: further copies on the stream are dropped. By day, and dropped with the events' day.
create table consumer.inbox (
    consumer text not null,
    message_id uuid not null,
    tenant uuid not null,
    primary key (consumer, message_id)
) partition by range (message_id);

-- Of days up to this one the inbox was dropped: whether a message of theirs was done is not known any more.
create table consumer.horizon (
    only_row boolean primary key default true check (only_row),
    dropped_up_to date
);
insert into consumer.horizon default values;

-- What was not done at once. No row here and none in the inbox: waiting. None here, one there: done.
create table consumer.work (
    consumer text not null,
    message_id uuid not null,
    tenant uuid not null,               -- all zeros if it is not known
    state text not null check (state in ('retrying', 'held', 'dead', 'discarded')),
    cause text not null default 'stream' check (cause in ('stream', 'replay', 'redo')),  -- why it is run
    attempt integer not null default 0, -- how many have failed, since it was last told to begin again
    since timestamptz not null default clock_timestamp(),   -- the first of these, or of holding it
    due_at timestamptz,                 -- when it is run again; null: not by itself
    reason text not null,
    fingerprint text,                   -- the reason without what differs from message to message
    hold text,                          -- why it is held, in one word
    changed_at timestamptz not null default clock_timestamp(),
    -- The message as it came; what came without a value and with a cause of 'redo' is in the archive.
    topic text not null,
    log_topic text,                     -- where it lay in Kafka
    log_partition integer,
    log_offset bigint,
    key bytea,
    value bytea,
    headers jsonb,                      -- [[name, value], ...]; a third "base64" where one of them is no text
    -- Who runs it now. Open past its time: that process ended in the middle of it.
    begun_by uuid,
    begun_until timestamptz,
    begun_alone boolean not null default false,
    crashes integer not null default 0, -- how many processes ended while it was the only one they ran
    primary key (consumer, message_id),
    check ((state = 'retrying') <= (due_at is not null)),
    check ((state in ('dead', 'discarded')) <= (due_at is null)),
    check ((state = 'held') = (hold is not null))
);
-- Due rows, by tenant in turn.
create index work_due on consumer.work (consumer, tenant, due_at) where due_at is not null;
create index work_begun on consumer.work (consumer, begun_until) where begun_by is not null;
create index work_in_state on consumer.work (consumer, state, changed_at);

-- Each attempt that failed.
create table consumer.attempt (
    message_id uuid not null,
    consumer text not null,
    tenant uuid not null,
    attempt integer not null,
    at timestamptz not null default clock_timestamp(),
    cause text not null,
    outcome text not null,              -- 'retry', 'dead'
    reason text not null,
    build text not null
);
create index on consumer.attempt (message_id, consumer);

-- What a member has before it just now, committed before it begins: what ends the process leaves its ids here. One row
-- for each member of each consumer.
create table consumer.begun (
    consumer text not null,
    member uuid not null,
    message_ids uuid[] not null,        -- none: nothing under way
    crashes integer not null default 0, -- of one that is alone: how many processes ended on it before
    at timestamptz not null default clock_timestamp(),
    primary key (consumer, member)
) with (fillfactor = 50);

-- Where each consumer stands in Kafka. Who holds it moves it, in the transaction of the work.
create table consumer.position (
    consumer text not null,
    topic text not null,                -- the broker's name of it
    partition integer not null,
    holder uuid,
    epoch bigint not null,
    cluster text not null,              -- whose topic it is
    next bigint not null,               -- everything below is done; -2: nothing is, from the earliest
    last_id uuid,                       -- the event of the record before it, by which the log is known again
    moved_at timestamptz not null default clock_timestamp(),
    primary key (consumer, topic, partition)
) with (fillfactor = 50);
