-- release 1
-- Which bus carries the journal's entries to consumers: the journal itself, read by a registered reader each, or Kafka,
-- read by its groups, where the relay is the journal's one reader. A process that was made for the other one does not
-- start.
create table consumer.bus (
    only_row boolean primary key default true check (only_row),
    bus text not null default 'journal' check (bus in ('journal', 'kafka')),
    since timestamptz not null default now(),
    readers text[] not null default '{}',       -- retired when Kafka was turned to: they go on when it is left
    -- Kafka was left with what the relay had not put there, and what was there unread: to be appended again.
    refill_due boolean not null default false
);
insert into consumer.bus default values;

-- To Kafka: the relay reads on from where the reader furthest behind stood, and the readers are retired. Gives them.
-- What some of them had read comes to their consumers again. Null if Kafka is the bus already.
create function consumer.turn_to_kafka() returns text[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    relay constant text := 'relay';
    retired text[];
    standing record;
begin
    perform from consumer.bus b where b.bus = 'journal' for update;
    if not found then
        return null;
    end if;
    -- No child is emptied between our look at the positions and the end of the transaction.
    perform from journal.state for share;
    -- Waits for moves that are under way; those that come find their reader gone.
    perform from journal.reader r order by r.name for update;
    select coalesce(array_agg(r.name order by r.name) filter (where r.name <> relay), '{}') into strict retired
        from journal.reader r;
    select p.tick, p.xid, p.seq into standing
        from journal.reader r
        cross join lateral (select * from journal.position p where p.reader = r.name
                            order by p.tick desc, p.xid desc, p.seq desc limit 1) p
        order by p.tick, p.xid, p.seq limit 1;
    if not found then
        -- Nobody has read anything: from the beginning of what there is.
        select min(t.id) as tick, '0'::xid8 as xid, 0::bigint as seq into strict standing from journal.tick t;
    end if;
    perform journal.retire_reader(r.name) from journal.reader r;
    insert into journal.reader (name) values (relay);
    insert into journal.position (child, reader, tick, xid, seq)
        select s.child, relay, standing.tick, standing.xid, standing.seq from journal.state s;
    update consumer.bus set bus = 'kafka', since = clock_timestamp(), readers = retired;
    return retired;
end
$$;

-- Back: the readers of before begin at the newest tick, and the relay is retired. Gives them. Null if the journal is the
-- bus already.
create function consumer.turn_to_journal() returns text[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    registered text[];
begin
    select b.readers into registered from consumer.bus b where b.bus = 'kafka' for update;
    if not found then
        return null;
    end if;
    -- At the same tick all of them.
    perform from journal.state for share;
    perform journal.register_reader(name) from unnest(registered) name order by name;
    perform journal.retire_reader('relay');
    update consumer.bus set bus = 'journal', since = clock_timestamp(), refill_due = true;
    return registered;
end
$$;

-- As with what operators change elsewhere.
create constraint trigger audited after update on consumer.bus
    deferrable initially deferred for each row execute function tenants.require_audit();

revoke execute on all functions in schema consumer from public;
grant usage on schema consumer to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant select on consumer.bus to
    tollgate_ingress, tollgate_relay, tollgate_enrichment, tollgate_billing, tollgate_delivery, tollgate_console,
    tollgate_operator;
grant execute on function consumer.turn_to_kafka(), consumer.turn_to_journal() to tollgate_operator;
