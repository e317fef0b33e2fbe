-- release 1
-- What people are to be told: a row for each message, which is in one state at any time. A row that was never claimed
-- takes further events in; one that was is not changed any more.

-- "paid/invoice/in_1": events with a name in common tell one fact. What may happen again under one name (an attempt that
-- fails) has a row for each time.
create table delivery.fact_name (
    tenant uuid not null,
    provider text not null,
    is_test boolean not null,
    name text not null,
    occurrence integer not null,
    fact uuid not null,                 -- the event that was the first to tell it
    attempt integer,                    -- the provider's number of it, if it was told
    at timestamptz not null,
    primary key (tenant, provider, is_test, name, occurrence)
);
create index on delivery.fact_name (tenant, fact);
create index on delivery.fact_name (at) where occurrence = 0;

-- Events that somebody is told of, with their bytes: a message may wait longer than the archive keeps a day.
create table delivery.event (
    tenant uuid not null,
    event_id uuid not null,
    fact uuid not null,
    at timestamptz not null,            -- the provider's time, else the receipt
    value bytea compression lz4 not null,
    planned_at timestamptz not null default now(),
    primary key (tenant, event_id)
);
create index on delivery.event (planned_at);
create index on delivery.event (tenant, fact);

create table delivery.delivery (
    tenant uuid not null,
    delivery uuid not null,
    destination uuid not null,
    kind text not null check (kind in ('message', 'quiet', 'digest', 'storm', 'update')),
    key text not null,                  -- what makes planning it twice one
    why text not null,                  -- the rule's name
    layout text not null,
    priority integer not null check (priority between 1 and 4),
    mention text,
    story_kind text,
    story_id text,
    of_delivery uuid,                   -- of an update: what it tells of
    is_follow_up boolean not null default false,
    replayed boolean not null default false,
    state text not null default 'waiting',
    due_at timestamptz default now(),
    attempt uuid,                       -- the one that is under way, and until when it may be
    claimed_until timestamptz,
    settled_at timestamptz,
    settled_by text,                    -- an operator
    reason text,                        -- why it is in its state, or why the last attempt failed
    attempts integer not null default 0,
    first_tried_at timestamptz,
    stood_still_before interval,        -- its lane, when it was first tried
    may_be_repeat boolean not null default false,
    held_back boolean not null default false,
    as_text boolean not null default false,
    at_top boolean not null default false,  -- no reply, although there is a story
    posted_channel text,                -- where it stands in Slack, and as what
    posted_ts text,
    headline text,                      -- as it was sent
    created_at timestamptz not null default now(),
    primary key (tenant, delivery),
    unique (tenant, destination, kind, key),
    constraint story_is_whole check ((story_kind is null) = (story_id is null)),
    constraint state_has_its_columns check (case state
        when 'waiting' then due_at is not null and num_nonnulls(attempt, claimed_until, settled_at, settled_by) = 0
        when 'sending' then num_nulls(attempt, claimed_until) = 0 and num_nonnulls(due_at, settled_at, settled_by) = 0
        when 'delivered' then settled_at is not null and num_nonnulls(due_at, attempt, claimed_until) = 0
        when 'dead' then num_nulls(settled_at, reason) = 0
            and num_nonnulls(due_at, attempt, claimed_until, settled_by) = 0
        when 'unknown' then num_nulls(settled_at, reason) = 0
            and num_nonnulls(due_at, attempt, claimed_until, settled_by) = 0
        when 'discarded' then num_nulls(settled_at, settled_by, reason) = 0
            and num_nonnulls(due_at, attempt, claimed_until) = 0
        else false end)
) with (fillfactor = 70);
create index on delivery.delivery (tenant, destination, priority, due_at) where state = 'waiting';
create index on delivery.delivery (claimed_until) where state = 'sending';
create index on delivery.delivery (tenant, destination) where state = 'sending';
create index on delivery.delivery (tenant, settled_at) where state in ('dead', 'unknown');
create index on delivery.delivery (settled_at) where state in ('delivered', 'discarded');
create index on delivery.delivery (tenant, destination, layout, created_at) where kind = 'message';

-- Which message tells a destination of an event: one, however often it is planned.
create table delivery.delivery_event (
    tenant uuid not null,
    destination uuid not null,
    event_id uuid not null,
    delivery uuid not null,
    fact uuid not null,
    is_late boolean not null default false,     -- it came after the message had been claimed, and said nothing new
    primary key (tenant, destination, event_id),
    foreign key (tenant, delivery) references delivery.delivery on delete cascade,
    foreign key (tenant, event_id) references delivery.event
);
create index on delivery.delivery_event (tenant, destination, fact);
create index on delivery.delivery_event (tenant, delivery);
create index on delivery.delivery_event (tenant, event_id);

-- A call to the outside. Its row is committed before the call, so none is ever made that is not known.
create table delivery.attempt (
    tenant uuid not null,
    attempt uuid not null,
    delivery uuid not null,
    number integer not null,
    holder uuid not null,               -- the process
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    outcome text check (outcome in ('delivered', 'retry', 'retry_as_text', 'retry_top_level', 'reply_instead',
        'refresh_token', 'confirm', 'reconnect', 'dead', 'unknown')),
    reason text,
    code text,                          -- the channel's own word
    primary key (tenant, attempt),
    foreign key (tenant, delivery) references delivery.delivery on delete cascade,
    constraint ended_with_an_outcome check ((outcome is null) = (ended_at is null))
);
create index on delivery.attempt (tenant, delivery, number);

-- One for each destination: how fast it is sent to, and whether at all.
create table delivery.lane (
    tenant uuid not null,
    destination uuid not null,
    tokens double precision not null default 0,
    filled_at timestamptz not null default '-infinity',
    served_at timestamptz not null default '-infinity',
    paused_until timestamptz,
    pause_reason text,
    failures integer not null default 0,    -- in a row
    opened integer not null default 0,      -- how often the breaker has opened since it last went through
    open_until timestamptz,
    confirm_from timestamptz,           -- one more answer like the last, to a call made later, means that it is broken
    broken_at timestamptz,              -- by the database's clock; a secret that is newer mends it
    broken_reason text,
    still_since timestamptz,            -- since when the ages of what is retried stand still
    stood_still interval not null default '0',
    primary key (tenant, destination),
    constraint broken_has_a_reason check ((broken_at is null) = (broken_reason is null))
) with (fillfactor = 50);

grant select, insert, update, delete on delivery.fact_name, delivery.event, delivery.delivery, delivery.delivery_event,
    delivery.attempt, delivery.lane to tollgate_delivery;
grant select on delivery.event, delivery.delivery, delivery.delivery_event, delivery.attempt, delivery.lane
    to tollgate_operator, tollgate_console;
grant update (state, due_at, settled_at, settled_by, reason, attempts, first_tried_at, stood_still_before, may_be_repeat,
              held_back, as_text) on delivery.delivery to tollgate_operator, tollgate_console;
grant update (paused_until, pause_reason, failures, opened, open_until, confirm_from, broken_at, broken_reason, still_since,
              stood_still) on delivery.lane to tollgate_operator, tollgate_console;

create constraint trigger audited_of_operators after update on delivery.delivery deferrable initially deferred
    for each row when (current_user in ('tollgate_operator', 'tollgate_console'))
    execute function tenants.require_audit();
create constraint trigger audited_of_operators after update on delivery.lane deferrable initially deferred
    for each row when (current_user in ('tollgate_operator', 'tollgate_console'))
    execute function tenants.require_audit();

do $$
declare
    of_tenants constant text[] := array['fact_name', 'event', 'delivery', 'delivery_event', 'attempt', 'lane'];
    each text;
begin
    foreach each in array of_tenants loop
        execute format('alter table delivery.%I enable row level security, force row level security', each);
        execute format('create policy by_tenant on delivery.%I using (tenants.sees(tenant))', each);
        execute format('create policy all_tenants on delivery.%I to tollgate_delivery using (true) with check (true)',
                       each);
    end loop;
end
$$;
