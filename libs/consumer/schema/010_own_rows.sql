-- release 1
-- A role of the pipeline sees and changes the rows of its own consumers alone: what one service does wrong, or is made
-- to do, takes nothing from another. A consumer is the role's that registered it; a name that some service has
-- (tollgate_<name>) is that service's only.

alter table consumer.consumer add column role text;

create function consumer.role_named_for(name text) returns text
language sql stable strict set search_path = pg_catalog, pg_temp as $$
    select r.rolname::text from pg_roles r where r.rolname = 'tollgate_' || name
$$;

update consumer.consumer c set role = consumer.role_named_for(c.name);

-- Who called: functions that are SECURITY DEFINER see their owner as current_user. Pools do SET ROLE. Null: the owner or
-- an operator, who act for all consumers.
create function consumer.acting_role() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select c.name from coalesce(nullif(current_setting('role'), 'none'), session_user) c(name)
        where c.name <> 'tollgate_operator'
            and not pg_has_role(c.name::name, (select n.nspowner from pg_namespace n where n.nspname = 'consumer'),
                                'member')
$$;

-- For functions that do with their owner's rights what concerns one consumer.
create function consumer.require_own(of_consumer text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    acting constant text := consumer.acting_role();
begin
    if acting is not null and not exists (select from consumer.consumer c
                                          where c.name = of_consumer and c.role = acting) then
        raise exception 'consumer "%" is not one of role %', of_consumer, acting using errcode = '42501';
    end if;
end
$$;

-- As in 004, and notes whose it is. Ids are of the clocks of those who received the events, and `since` is of ours: what
-- one whose clock is ahead has received just before is due, and a reader that begins now does not bring it. So there is
-- a refill also for who begins now.
create or replace function consumer.register_consumer(new_name text, new_input text, with_stored boolean)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    started constant timestamptz := clock_timestamp();
    beginning constant uuid := case when with_stored then '00000000-0000-0000-0000-000000000000'
                                    else consumer.first_id_at(started) end;
    caller constant text := consumer.acting_role();
    owner constant text := coalesce(consumer.role_named_for(new_name), caller);
    known consumer.consumer;
    is_new boolean;
begin
    -- A switch of the bus comes before us or after us.
    perform from consumer.bus for share;
    insert into consumer.consumer (name, input, role, since, refill_after, refill_until, refill_reason)
        values (new_name, new_input, owner, beginning, beginning,
                consumer.first_id_at(started + interval '5 minutes'), 'it was registered')
        on conflict do nothing;
    is_new := found;
    select * into strict known from consumer.consumer c where c.name = new_name;
    if known.role is null and caller is not null then
        update consumer.consumer c set role = caller where c.name = new_name;
    elsif known.role <> caller then
        raise exception 'consumer "%" is of role %, and this is %: the process connects as another service, or takes '
            'its name', new_name, known.role, caller using errcode = 'TG002';
    end if;
    if known.input <> new_input then
        raise exception 'consumer "%" reads "%", and not "%"', new_name, known.input, new_input using errcode = 'TG002';
    end if;
    if is_new and (select b.bus from consumer.bus b) = 'journal' then
        perform journal.register_reader(new_name);
    end if;
    return is_new;
end
$$;

-- Behind functions of the same name as before, which ask first.
alter function consumer.ask_for_refill(text, text) rename to note_refill;
alter function consumer.refill(text, integer) rename to refill_step;
alter function consumer.carry_on_replays(text) rename to replay_step;
revoke execute on function consumer.note_refill(text, text), consumer.refill_step(text, integer),
    consumer.replay_step(text)
    from tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_operator;

create function consumer.ask_for_refill(of_consumer text, because text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform consumer.require_own(of_consumer);
    perform consumer.note_refill(of_consumer, because);
end
$$;

create function consumer.refill(of_consumer text, events integer)
returns table (looked_at integer, appended integer, ended boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform consumer.require_own(of_consumer);
    return query select * from consumer.refill_step(of_consumer, events);
end
$$;

create function consumer.carry_on_replays(of_consumer text)
returns table (job_id uuid, begun bigint, ended_as text, because text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform consumer.require_own(of_consumer);
    return query select * from consumer.replay_step(of_consumer);
end
$$;

-- Restrictive, because the policies of tenants let everybody by who sets his transaction to see all of them. A filter on
-- what an index has found, looked up once for a statement: written as `= any (array(...))` it would become part of the
-- index's condition, and the search for the next tenant that has due rows five times as slow.
create policy own_consumers on consumer.inbox as restrictive
    to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (consumer in (select c.name from consumer.consumer c where c.role = current_user));
create policy own_consumers on consumer.work as restrictive
    to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (consumer in (select c.name from consumer.consumer c where c.role = current_user));
create policy own_consumers on consumer.attempt as restrictive
    to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (consumer in (select c.name from consumer.consumer c where c.role = current_user));
alter table consumer.begun enable row level security;
create policy own_consumers on consumer.begun
    to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (consumer in (select c.name from consumer.consumer c where c.role = current_user));
alter table consumer.position enable row level security;
create policy own_consumers on consumer.position
    to tollgate_enrichment, tollgate_billing, tollgate_delivery
    using (consumer in (select c.name from consumer.consumer c where c.role = current_user));
create policy seen on consumer.position for select to tollgate_operator, tollgate_console using (true);

-- Whatever operators change themselves of what is not done has a row that says who, and why; not only what they give up.
create constraint trigger audited_of_operators after insert or update on consumer.work deferrable initially deferred
    for each row when (current_user in ('tollgate_operator', 'tollgate_console'))
    execute function tenants.require_audit();

-- What was too old for the inbox, and is done all the same because an operator had it run, keeps its row: nothing else
-- would say so, and another copy would be held again.
alter table consumer.work drop constraint work_state_check;
alter table consumer.work
    add constraint work_state_check check (state in ('retrying', 'held', 'dead', 'discarded', 'done'));
alter table consumer.work add check (state <> 'done' or due_at is null);

create or replace function consumer.drop_day(day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    next_id constant uuid := archive.first_id_of(day + 1);
begin
    perform set_config('tollgate.tenant', '*', true);
    execute format('drop table if exists consumer.%I', 'inbox_' || to_char(day::timestamp, 'YYYYMMDD'));
    delete from consumer.attempt a where a.message_id < next_id;
    delete from consumer.work w
        where w.message_id < next_id
            and (w.state = 'discarded'
                 -- Records of it may be on a topic yet.
                 or (w.state = 'done' and w.changed_at < clock_timestamp() - interval '40 days'));
    update consumer.horizon h set dropped_up_to = greatest(h.dropped_up_to, day);
end
$$;

-- Of a million events a look-up for each takes four times as long as one join.
alter function consumer.lacks_some(consumer.consumer, uuid, uuid) set enable_nestloop = off;

revoke execute on all functions in schema consumer from public;
grant execute on function consumer.ask_for_refill(text, text), consumer.refill(text, integer),
    consumer.carry_on_replays(text)
    to tollgate_enrichment, tollgate_billing, tollgate_delivery;
grant execute on function consumer.ask_for_refill(text, text) to tollgate_operator;
