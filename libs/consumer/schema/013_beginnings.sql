-- release 1
-- What a partition began with, and whose a consumer is before it has ever run.

-- Where the log began when this consumer began at its earliest record (next = -2). Where it begins later by now, records
-- have gone unread, and what is stored comes again.
alter table consumer.position add column earliest bigint;

-- As in 010, but nobody adopts a consumer that has no role: who comes first could be anybody. Its migration names the
-- role (`equip_role`), or the consumer is retired and registers itself anew.
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
        raise exception 'consumer "%" was registered by the owner of the database, and is of no role: its migration '
            'calls consumer.equip_role(%), or an operator retires it (`tollgate consumer retire %`) and it '
            'registers itself', new_name, quote_literal(new_name), new_name using errcode = 'TG002';
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

-- As in 011, and a consumer of that name is the role's from now on. Safe to call again: what a later version grants
-- besides, a consumer's own next migration gets by another call.
alter function consumer.equip_role(text) rename to grant_role;
create function consumer.equip_role(service text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    kept text;
begin
    foreach kept in array array['inbox', 'work', 'attempt', 'begun', 'position'] loop
        execute format('drop policy if exists %I on consumer.%I', 'all_tenants_' || service, kept);
        execute format('drop policy if exists %I on consumer.%I', 'own_consumers_' || service, kept);
    end loop;
    perform consumer.grant_role(service);
    update consumer.consumer c set role = 'tollgate_' || service where c.name = service;
end
$$;
revoke execute on function consumer.equip_role(text) from public;
