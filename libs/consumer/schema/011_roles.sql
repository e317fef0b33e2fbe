-- release 1
-- The role of a further consumer, and whose the readers of the journal are.

-- What a role of the pipeline may do, for one that a consumer of your own has: makes it where it is not there. Called by
-- the owner, in the migration that makes the consumer's tables; what is granted on those is the consumer's own affair.
create function consumer.equip_role(service text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    new_role constant text := 'tollgate_' || service;
    kept text;
begin
    begin
        execute format('create role %I nologin', new_role);
    exception
        -- Roles belong to the whole server: another database of ours may have made it, even just now.
        when duplicate_object or unique_violation then null;
    end;
    execute format('grant usage on schema tollgate, archive, journal, consumer to %I', new_role);
    execute format('grant select on tollgate.migration, tollgate.lease, journal.entry, journal.tick, journal.position,
        journal.reader, journal.state, journal.entry_seq, consumer.bus, consumer.consumer, consumer.inbox, consumer.work,
        consumer.attempt, consumer.begun, consumer.position to %I', new_role);
    execute format('grant execute on function tollgate.lease_take(text, uuid, interval),
        tollgate.lease_renew(text, uuid, bigint, interval), tollgate.lease_release(text, uuid, bigint),
        archive.read_events(uuid[]), archive.read_bus_events(uuid[], bigint, bigint),
        archive.read_bus_payments(uuid[], bigint, bigint),
        archive.first_id_of(date), archive.day_of(uuid),
        journal.take_reader(text, uuid, bigint), journal.move_reader(text, uuid, bigint, bigint, xid8, bigint),
        consumer.register_consumer(text, text, boolean), consumer.make_days_of(uuid[]),
        consumer.begin_with(text, uuid, uuid[], integer), consumer.left_open(text, uuid),
        consumer.ask_for_refill(text, text), consumer.refill(text, integer), consumer.carry_on_replays(text)
        to %I', new_role);
    execute format('grant select on archive.event, archive.payment_event to %I', new_role);
    execute format('grant insert (child, tenant, topic, event_id, headers) on journal.entry to %I', new_role);
    execute format('grant usage on journal.entry_seq to %I', new_role);
    execute format('grant insert on consumer.inbox, consumer.attempt to %I', new_role);
    execute format('grant insert, update, delete on consumer.work, consumer.begun to %I', new_role);
    execute format('grant insert, update on consumer.position to %I', new_role);
    -- As own_consumers and all_tenants of 005 and 010.
    foreach kept in array array['inbox', 'work', 'attempt', 'begun', 'position'] loop
        execute format('create policy %I on consumer.%I to %I using (true)', 'all_tenants_' || service, kept, new_role);
        execute format('create policy %I on consumer.%I as restrictive to %I using (consumer in
            (select c.name from consumer.consumer c where c.role = current_user))', 'own_consumers_' || service, kept,
            new_role);
    end loop;
end
$$;

-- A reader of the journal is its consumer's: no other service takes it or moves it past what that one has not read. The
-- argument is the column with the reader's name.
create function consumer.require_own_reader() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    reader constant text := to_jsonb(new) ->> tg_argv[0];
    acting constant text := consumer.acting_role();
    owner constant text := coalesce((select c.role from consumer.consumer c where c.name = reader),
                                    consumer.role_named_for(reader));
begin
    if owner <> acting then
        raise exception 'reader "%" is of role %, and this is %: the process connects as another service, or takes its '
            'name', reader, owner, acting using errcode = 'TG002';
    end if;
    return new;
end
$$;
create trigger of_its_role before update of holder, epoch on journal.reader
    for each row execute function consumer.require_own_reader('name');
create trigger of_its_role before insert on journal.position
    for each row execute function consumer.require_own_reader('reader');

revoke execute on function consumer.equip_role(text), consumer.require_own_reader() from public;
