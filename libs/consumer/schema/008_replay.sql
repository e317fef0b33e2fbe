-- release 1
-- A replay is a job: what operators chose of messages that are dead or held is tried again, so many at a time. Whichever
-- member of the consumer gets to it carries it on, so it outlives all of them.

create table consumer.replay (
    id uuid primary key,
    consumer text not null,
    tenants uuid[] not null,            -- whose messages
    actor text not null,
    reason text not null,
    filter jsonb not null,              -- what was asked for
    from_state text not null check (from_state in ('dead', 'held')),
    -- How fast, and when to give up.
    rate integer check (rate > 0),      -- messages per second
    canary bigint not null default 0,   -- so many first, and the others when all of these are done
    stop_percent integer check (stop_percent between 1 and 100),
    outstanding_max integer not null check (outstanding_max > 0),
    state text not null default 'running' check (state in ('running', 'paused', 'aborted', 'stopped', 'done')),
    note text,                          -- why it was stopped
    canary_passed boolean not null default false,
    next_at timestamptz not null default clock_timestamp(),  -- when the rate allows another
    total bigint not null,
    started bigint not null default 0,
    done bigint not null default 0,
    died bigint not null default 0,
    held bigint not null default 0,
    discarded bigint not null default 0,
    left_alone bigint not null default 0,   -- not as they were when they were chosen
    failing bigint not null default 0,      -- of those that are outstanding: failed already, and wait for a retry
    outstanding bigint not null generated always as (started - done - died - held - discarded) stored,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
create index replay_open on consumer.replay (consumer) where state = 'running' or outstanding > 0;

create table consumer.replay_item (
    replay uuid not null references consumer.replay on delete cascade,
    message_id uuid not null,
    place bigint not null,
    consumer text not null,
    tenant uuid not null,
    state text not null default 'waiting'
        check (state in ('waiting', 'started', 'done', 'died', 'held', 'discarded', 'left')),
    changed_at timestamptz not null default clock_timestamp(),
    primary key (replay, message_id)
);
create index on consumer.replay_item (replay, place) where state = 'waiting';
create index on consumer.replay_item (replay) where state = 'started';
create index on consumer.replay_item (message_id, consumer);

-- What became of those that were started.
create function consumer.settle_replay(job consumer.replay) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    with looked as (
        select i.message_id, case w.state when 'dead' then 'died' when 'retrying' then null
                                          else coalesce(w.state, 'done') end as became, w.attempt
            from consumer.replay_item i
            left join consumer.work w on w.consumer = job.consumer and w.message_id = i.message_id
            where i.replay = job.id and i.state = 'started'
    ), settled as (
        update consumer.replay_item i set state = l.became, changed_at = clock_timestamp()
            from looked l where i.replay = job.id and i.message_id = l.message_id and l.became is not null
    ), counted as (
        select count(*) filter (where became = 'done') as done, count(*) filter (where became = 'died') as died,
                count(*) filter (where became = 'held') as held,
                count(*) filter (where became = 'discarded') as discarded,
                count(*) filter (where became is null and attempt > 0) as failing
            from looked
    )
    update consumer.replay r
        set done = r.done + c.done, died = r.died + c.died, held = r.held + c.held,
            discarded = r.discarded + c.discarded, failing = c.failing, changed_at = clock_timestamp()
        from counted c
        where r.id = job.id and (c.done + c.died + c.held + c.discarded > 0 or r.failing <> c.failing)
$$;

-- Whether it is at its end, or better stopped; null: it goes on.
create function consumer.verdict_on_replay(job consumer.replay) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    waiting constant bigint := job.total - job.started - job.left_alone;
    known constant bigint := job.done + job.died + job.held + job.failing;
begin
    if not job.canary_passed and job.died + job.held + job.failing > 0 then
        return format('of the first %s messages %s died again, %s are held and %s failed: look at `tollgate '
            'dead-letter groups`, and replay again when the cause is gone',
            job.canary, job.died, job.held, job.failing);
    end if;
    -- One of two says little.
    if known >= least(10, job.total) and (job.died + job.failing) * 100 > job.stop_percent * known then
        return format('%s of %s messages failed again, which is more than %s%%', job.died + job.failing, known,
            job.stop_percent);
    end if;
    return case when waiting = 0 and job.outstanding = 0 then 'done' end;
end
$$;

-- How many may be started now.
create function consumer.replay_allowance(job consumer.replay) returns bigint
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select greatest(0, least(
        job.outstanding_max - job.outstanding,
        case when not job.canary_passed then job.canary - job.started else job.outstanding_max end,
        -- What was not used up is kept for one second.
        case when job.rate is null then job.outstanding_max
             when job.next_at > clock_timestamp() then 0
             else least(job.rate, 1 + floor(extract(epoch from clock_timestamp() - job.next_at) * job.rate))::bigint end))
$$;

-- Tries the next ones again, those that are still as they were when they were chosen.
create function consumer.start_replaying(job consumer.replay, at_most bigint) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    chosen uuid[];
    begun uuid[];
begin
    select array_agg(i.message_id) into chosen
        from (select w.message_id from consumer.replay_item w where w.replay = job.id and w.state = 'waiting'
              order by w.place limit at_most) i;
    with locked as (
        select w.message_id from consumer.work w
            where w.consumer = job.consumer and w.message_id = any (chosen) and w.state = job.from_state
                and w.begun_by is null
            order by w.message_id for update
    ), released as (
        -- What was being done over is done over still: it corrects.
        update consumer.work w
            set state = 'retrying', cause = case w.cause when 'redo' then 'redo' else 'replay' end, attempt = 0,
                hold = null, since = clock_timestamp(), due_at = clock_timestamp(), changed_at = clock_timestamp(),
                crashes = 0, begun_until = null, begun_alone = false
            from locked l where w.consumer = job.consumer and w.message_id = l.message_id
            returning w.message_id
    )
    select coalesce(array_agg(r.message_id), '{}') into begun from released r;
    update consumer.replay_item i
        set state = case when i.message_id = any (begun) then 'started' else 'left' end, changed_at = clock_timestamp()
        where i.replay = job.id and i.message_id = any (chosen);
    update consumer.replay r
        set started = r.started + cardinality(begun),
            left_alone = r.left_alone + coalesce(cardinality(chosen), 0) - cardinality(begun),
            next_at = greatest(r.next_at, clock_timestamp() - interval '1 second')
                + coalesce(cardinality(begun) * interval '1 second' / r.rate, '0'),
            changed_at = clock_timestamp()
        where r.id = job.id and cardinality(chosen) > 0;
    return cardinality(begun);
end
$$;

-- A step of each job of a consumer that nobody else is at. Gives what was started of those that are open, and how one
-- ended with this step.
create function consumer.carry_on_replays(of_consumer text)
returns table (job_id uuid, begun bigint, ended_as text, because text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    seen text := current_setting('tollgate.tenant', true);
    job consumer.replay;
    verdict text;
begin
    perform set_config('tollgate.tenant', '*', true);
    for job in select * from consumer.replay r
        where r.consumer = of_consumer and (r.state = 'running' or r.outstanding > 0)
        order by r.id for update skip locked
    loop
        perform consumer.settle_replay(job);
        select * into strict job from consumer.replay r where r.id = job.id;
        job_id := job.id;
        begun := 0;
        ended_as := null;
        because := null;
        if job.state = 'running' then
            if not job.canary_passed and job.outstanding = 0 and job.died + job.held = 0
               and job.started >= least(job.canary, job.total - job.left_alone) then
                update consumer.replay r set canary_passed = true, changed_at = clock_timestamp() where r.id = job.id;
                job.canary_passed := true;
            end if;
            verdict := consumer.verdict_on_replay(job);
            if verdict is not null then
                ended_as := case verdict when 'done' then 'done' else 'stopped' end;
                because := nullif(verdict, 'done');
                update consumer.replay r
                    set state = ended_as, note = because, ended_at = clock_timestamp(), changed_at = clock_timestamp()
                    where r.id = job.id;
            elsif consumer.replay_allowance(job) > 0 then
                begun := consumer.start_replaying(job, consumer.replay_allowance(job));
            end if;
        end if;
        return next;
    end loop;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
end
$$;

-- What operators order has a row that says who, and why; what it comes to by itself has none.
create constraint trigger ordered after insert on consumer.replay deferrable initially deferred
    for each row execute function tenants.require_audit();
create constraint trigger turned after update of state on consumer.replay deferrable initially deferred
    for each row when (new.state in ('paused', 'aborted') or (new.state = 'running' and old.state <> 'running'))
    execute function tenants.require_audit();

alter table consumer.replay enable row level security, force row level security;
create policy by_tenant on consumer.replay using (tenants.sees_each(tenants));
alter table consumer.replay_item enable row level security, force row level security;
create policy by_tenant on consumer.replay_item using (tenants.sees(tenant));
grant select, insert (id, consumer, tenants, actor, reason, filter, from_state, rate, canary, canary_passed, stop_percent,
                      outstanding_max, total), update (state, changed_at, ended_at, next_at) on consumer.replay
    to tollgate_operator, tollgate_console;
grant select, insert (replay, message_id, place, consumer, tenant) on consumer.replay_item
    to tollgate_operator, tollgate_console;

revoke execute on function consumer.settle_replay(consumer.replay), consumer.verdict_on_replay(consumer.replay),
    consumer.replay_allowance(consumer.replay), consumer.start_replaying(consumer.replay, bigint),
    consumer.carry_on_replays(text) from public;
grant execute on function consumer.carry_on_replays(text)
    to tollgate_enrichment, tollgate_billing, tollgate_delivery;
