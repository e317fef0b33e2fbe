-- release 1
-- The story of an event has its times and its ends; what is kept for it goes with its day.

-- When a consumer took a message on; of those before it is not known.
alter table consumer.inbox add column taken_at timestamptz;
alter table consumer.inbox alter column taken_at set default clock_timestamp();
grant select (taken_at) on consumer.inbox to tollgate_operator, tollgate_console;

create function consumer.has_payment_event(wanted uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from archive.payment_event p where p.id = wanted and tenants.sees(p.tenant))
$$;

-- Whether the day of such an id was dropped. What was never stored has one too.
create function consumer.is_of_dropped_day(wanted uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(archive.day_of(wanted) <= h.dropped_up_to, false) from consumer.horizon h
$$;

revoke execute on function consumer.has_payment_event(uuid), consumer.is_of_dropped_day(uuid) from public;
grant execute on function consumer.has_payment_event(uuid), consumer.is_of_dropped_day(uuid)
    to tollgate_operator, tollgate_console;

-- As in 007, and a name in quotes, as those of constraints and columns are, tells one kind of failure from another. Any
-- other quotation is a value, and is left out.
create or replace function consumer.fingerprint_of(reason text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select left(encode(sha256(convert_to(regexp_replace(
        regexp_replace(reason, '"([a-z][a-z0-9_.]*)"|"[^"]*("|$)', '''\1''', 'g'),
        '[A-Za-z0-9_@.:/-]*[0-9@][A-Za-z0-9_@.:/-]*', '#', 'g'), 'UTF8')), 'hex'), 16)
$$;

-- As in 015, and what is appended again leaves word of why it was refused.
create or replace function consumer.settle_refused(wanted bigint[], append_again boolean) returns setof uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    of_dropped_days uuid[];
begin
    if append_again then
        return query
            with gone as (
                delete from journal.refused r
                    where r.id = any (wanted) and r.discarded_at is null and tenants.sees(r.tenant) returning r.*
            ), appended as (
                insert into journal.entry (child, tenant, topic, event_id, headers)
                    select s.child, g.tenant, g.topic, g.event_id, g.headers from gone g, journal.state s order by g.id
            ), told as (
                insert into consumer.attempt (message_id, consumer, tenant, attempt, at, cause, outcome, reason, build)
                    select g.event_id, g.reader, g.tenant, 1, g.refused_at, 'stream', 'dead', g.reason, '' from gone g
            )
            select g.tenant from gone g;
        return;
    end if;
    select array_agg(d.id) into of_dropped_days
        from consumer.make_days_of(array(select r.event_id from journal.refused r where r.id = any (wanted))) d(id);
    return query
        with gone as (
            update journal.refused r set discarded_at = clock_timestamp()
                where r.id = any (wanted) and r.discarded_at is null and tenants.sees(r.tenant) returning r.*
        ), taken as (
            insert into consumer.inbox (consumer, message_id, tenant)
                select c.name, g.event_id, g.tenant
                    from gone g join consumer.consumer c on c.input = g.topic and c.since <= g.event_id
                    where not g.event_id = any (coalesce(of_dropped_days, '{}'))
                    order by c.name, g.event_id
                on conflict do nothing
                returning consumer, message_id
        ), settled as (
            insert into consumer.work (consumer, message_id, tenant, state, reason, fingerprint, topic)
                select t.consumer, g.event_id, g.tenant, 'discarded', 'it could not be put on the bus: ' || g.reason,
                        consumer.fingerprint_of('it could not be put on the bus: ' || g.reason), g.topic
                    from taken t
                    join consumer.consumer c on c.name = t.consumer
                    join gone g on g.event_id = t.message_id and g.topic = c.input
                on conflict do nothing
        )
        select g.tenant from gone g;
end
$$;

-- As in 006. A redo that died has its bytes in its row, unless the archive had none.
create or replace function consumer.needs_day(day date) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    first_id constant uuid := archive.first_id_of(day);
    next_id constant uuid := archive.first_id_of(day + 1);
    each consumer.consumer;
    wanted bigint;
    taken bigint;
begin
    for each in select * from consumer.consumer c where c.since < next_id order by c.name loop
        wanted := consumer.due_of_day(first_id, next_id, each.input, each.since);
        select count(*) into strict taken from consumer.inbox i
            where i.consumer = each.name and i.message_id >= first_id and i.message_id < next_id
                and i.message_id >= each.since;
        if taken < wanted then
            return format('consumer "%s" has not got %s of its %s events', each.name, wanted - taken, wanted);
        end if;
        if consumer.lacks_some(each, first_id, next_id) then
            return format('consumer "%s" has not got some of its events', each.name);
        end if;
    end loop;
    perform set_config('tollgate.tenant', '*', true);
    if exists (select from consumer.work w
               where w.message_id >= first_id and w.message_id < next_id and w.cause = 'redo' and w.value is null
                   and w.state in ('retrying', 'held')) then
        return 'events of it are to be run again, and their bytes are there';
    end if;
    return null;
end
$$;

-- Of jobs that ended before a day that is dropped.
create index on consumer.replay (ended_at);

-- As in 008. A canary whose messages somebody has given up meanwhile has shown nothing.
create or replace function consumer.verdict_on_replay(job consumer.replay) returns text
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
    if not job.canary_passed and job.discarded > 0 and job.outstanding = 0 then
        return format('of the first %s messages %s were given up while they were tried, so they show nothing: replay '
            'the others with a canary of their own', job.canary, job.discarded);
    end if;
    -- One of two says little.
    if known >= least(10, job.total) and (job.died + job.failing) * 100 > job.stop_percent * known then
        return format('%s of %s messages failed again, which is more than %s%%', job.died + job.failing, known,
            job.stop_percent);
    end if;
    return case when waiting = 0 and job.outstanding = 0 then 'done' end;
end
$$;

-- As in 008: a step of each job of a consumer that nobody else is at. Gives what was started of those that are open, and how one
-- ended with this step.
create or replace function consumer.replay_step(of_consumer text)
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
            if not job.canary_passed and job.outstanding = 0 and job.died + job.held + job.discarded = 0
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
