-- release 1
-- What needs more rights than a consumer has, and what several of them share.

-- The smallest id that is made at that time.
create function consumer.first_id_at(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- A consumer's first start: from then on it gets what is accepted, and, if `with_stored`, all that is stored before.
-- False if it is there already.
create function consumer.register_consumer(new_name text, new_input text, with_stored boolean) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    started constant timestamptz := clock_timestamp();
    known text;
begin
    -- A switch of the bus comes before us or after us.
    perform from consumer.bus for share;
    insert into consumer.consumer (name, input, since, refill_after, refill_until, refill_reason)
        select new_name, new_input,
                case when with_stored then '00000000-0000-0000-0000-000000000000'
                     else consumer.first_id_at(started) end,
                case when with_stored then '00000000-0000-0000-0000-000000000000'::uuid end,
                case when with_stored then consumer.first_id_at(started + interval '5 minutes') end,
                case when with_stored then 'it was registered' end
        on conflict do nothing;
    if not found then
        select c.input into strict known from consumer.consumer c where c.name = new_name;
        if known <> new_input then
            raise exception 'consumer "%" reads "%", and not "%"', new_name, known, new_input using errcode = 'TG002';
        end if;
        return false;
    end if;
    if (select b.bus from consumer.bus b) = 'journal' then
        perform journal.register_reader(new_name);
    end if;
    return true;
end
$$;

-- The days of these messages are made where they are not there. Gives the messages whose day was dropped, and is not
-- made again unless their event was released since: nobody knows whether they were done.
create function consumer.make_days_of(ids uuid[]) returns setof uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted record;
    today date := (now() at time zone 'UTC')::date;
    partition text;
begin
    for wanted in
        select archive.day_of(i) as day, array_agg(i) as ids from unnest(ids) i group by 1 order by 1
    loop
        if wanted.day > today + 30 then
            raise exception 'no day is made for messages of %: it is % by the database''s clock. Set the clock that is '
                'wrong', to_char(wanted.day::timestamp, 'YYYY-MM-DD'), to_char(today::timestamp, 'YYYY-MM-DD')
                using errcode = 'TG002';
        end if;
        if wanted.day < today - 40
           or wanted.day <= (select coalesce(h.dropped_up_to, '-infinity') from consumer.horizon h) then
            return query select i from unnest(wanted.ids) i where not exists (select from archive.event e where e.id = i);
            continue when not exists (select from unnest(wanted.ids) i join archive.event e on e.id = i);
        end if;
        partition := 'inbox_' || to_char(wanted.day::timestamp, 'YYYYMMDD');
        continue when consumer.has_day(partition);
        perform consumer.make_day(wanted.day, partition);
    end loop;
end
$$;

create function consumer.has_day(partition text) returns boolean
language sql volatile strict set search_path = pg_catalog, pg_temp as $$
    select exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                   where i.inhparent = 'consumer.inbox'::regclass and c.relname = partition)
$$;

-- Made apart and then attached, so that nobody who writes waits.
create function consumer.make_day(day date, partition text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    lock table consumer.inbox in share update exclusive mode;
    if consumer.has_day(partition) then
        return;
    end if;
    execute format('create table consumer.%I (like consumer.inbox including all)', partition);
    execute format('alter table consumer.inbox attach partition consumer.%I for values from (%L) to (%L)',
                   partition, archive.first_id_of(day), archive.first_id_of(day + 1));
end
$$;

-- Puts down what a member begins with.
create function consumer.begin_with(of_consumer text, by_member uuid, ids uuid[], after_crashes integer) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform set_config('synchronous_commit', 'off', true);
    insert into consumer.begun (consumer, member, message_ids, crashes)
        values (of_consumer, by_member, ids, after_crashes)
        on conflict (consumer, member) do update
            set message_ids = excluded.message_ids, crashes = excluded.crashes, at = clock_timestamp();
end
$$;

-- What others have begun with and not ended: a row for each message, of several the one that was alone. What is all
-- settled is forgotten first.
create function consumer.left_open(of_consumer text, but_of uuid)
returns table (message_id uuid, alone boolean, crashes integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from consumer.begun b
        where b.consumer = of_consumer and b.member in (
            select o.member from consumer.begun o
                where o.consumer = of_consumer and o.member <> but_of
                    -- One that rests between two batches may begin the next.
                    and (cardinality(o.message_ids) > 0 or o.at < clock_timestamp() - interval '1 hour')
                    and not exists (select from unnest(o.message_ids) m(id)
                                    where not exists (select from consumer.inbox i
                                                      where i.consumer = of_consumer and i.message_id = m.id))
                for update skip locked);
    return query
        select m.id, bool_or(cardinality(b.message_ids) = 1),
                coalesce(max(b.crashes) filter (where cardinality(b.message_ids) = 1), 0)
            from consumer.begun b cross join lateral unnest(b.message_ids) m(id)
            where b.consumer = of_consumer and b.member <> but_of
            group by m.id;
end
$$;

-- All that is stored comes to the consumer again, but for what is in its inbox.
create function consumer.ask_for_refill(of_consumer text, because text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    update consumer.consumer
        set refill_after = '00000000-0000-0000-0000-000000000000',
            refill_until = consumer.first_id_at(clock_timestamp() + interval '5 minutes'),
            refill_reason = because
        where name = of_consumer
$$;

-- What is stored for consumers of this input, in the order of the ids: of topic 'payment' the payment events. An event
-- that enrichment could not read has none, and is not theirs.
create function consumer.stored(of_input text, after uuid, until uuid, since uuid, events integer)
returns table (id uuid, tenant uuid)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    if of_input = 'payment' then
        return query select p.id, p.tenant from archive.payment_event p
            where p.id > after and p.id < until and p.id >= stored.since order by p.id limit events;
    else
        return query select e.id, e.tenant from archive.event e
            where e.id > after and e.id < until and e.id >= stored.since order by e.id limit events;
    end if;
end
$$;

-- The next step of it, until so many events were appended or many looked at. Null if nothing is to be refilled, or
-- another member is at it.
create function consumer.refill(of_consumer text, events integer)
returns table (looked_at integer, appended integer, ended boolean)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    looked_at_once constant integer := 5000;
    looked_at_most constant integer := 50000;
    due consumer.consumer;
    after uuid;
    ids uuid[];
    tenants uuid[];
    missing integer;
begin
    select * into due from consumer.consumer c
        where c.name = of_consumer and c.refill_after is not null for update skip locked;
    if not found then
        return;
    end if;
    after := due.refill_after;
    looked_at := 0;
    appended := 0;
    ended := false;
    while appended < events and looked_at < looked_at_most and not ended loop
        select array_agg(s.id order by s.id), array_agg(s.tenant order by s.id) into strict ids, tenants
            from consumer.stored(due.input, after, due.refill_until, due.since, looked_at_once) s;
        ended := coalesce(cardinality(ids), 0) < looked_at_once;
        exit when ids is null;
        insert into journal.entry (child, tenant, topic, event_id)
            select j.child, s.tenant, due.input, s.id
                from unnest(ids, tenants) s(id, tenant) cross join journal.state j
                where not exists (select from archive.withheld w where w.event_id = s.id)
                    and not exists (select from consumer.inbox i
                                    where i.consumer = of_consumer and i.message_id = s.id
                                        and i.message_id >= ids[1] and i.message_id <= ids[cardinality(ids)])
                order by s.id;
        get diagnostics missing = row_count;
        looked_at := looked_at + cardinality(ids);
        appended := appended + missing;
        after := ids[cardinality(ids)];
    end loop;
    update consumer.consumer c
        set refill_after = case when not ended then after end,
            refill_until = case when not ended then c.refill_until end,
            refill_reason = case when not ended then c.refill_reason end
        where c.name = of_consumer;
    return next;
end
$$;

-- A consumer that does not come back: nothing is kept for it any more. False if there is none of that name. What it has
-- done and not done stays on record.
create function consumer.retire_consumer(old_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from consumer.bus for share;
    delete from consumer.consumer c where c.name = old_name;
    if not found then
        return false;
    end if;
    perform journal.retire_reader(old_name);
    delete from consumer.position p where p.consumer = old_name;
    delete from consumer.begun b where b.consumer = old_name;
    update consumer.bus b set readers = array_remove(b.readers, old_name) where old_name = any (b.readers);
    return true;
end
$$;

-- As in 001: back to the journal, its readers are all consumers and those of before, and the consumers are refilled.
create or replace function consumer.turn_to_journal() returns text[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    registered text[];
begin
    perform from consumer.bus b where b.bus = 'kafka' for update;
    if not found then
        return null;
    end if;
    select array_agg(n.name order by n.name) into strict registered
        from (select unnest(b.readers) as name from consumer.bus b union select c.name from consumer.consumer c) n;
    registered := coalesce(registered, '{}');
    -- At the same tick all of them.
    perform from journal.state for share;
    perform journal.register_reader(name) from unnest(registered) name order by name;
    perform journal.retire_reader('relay');
    perform consumer.ask_for_refill(c.name, 'the bus was turned from Kafka to the journal') from consumer.consumer c;
    update consumer.bus set bus = 'journal', since = clock_timestamp();
    return registered;
end
$$;
alter table consumer.bus drop column refill_due;
