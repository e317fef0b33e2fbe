-- release 1
-- Whom operators have erased. Their events lie in the archive, on topics and among dead letters for as long as any do,
-- and whoever reads one of them once more, or late, is to find nobody in it. So it is remembered that somebody was erased,
-- and not who.

-- Of a customer of one provider, or of one realm there. What was received before this time names nobody any more; what
-- came after it is of a person who came back. While the erasure goes on, and when it ended half-way, that is 'infinity'.
create table consumer.erasure (
    tenant uuid not null,
    pseudonym text not null,
    received_until timestamptz not null default 'infinity',
    primary key (tenant, pseudonym)
);
create index on consumer.erasure (received_until);

-- What such a customer was called: an id, an e-mail address that was nobody else's, payments, by which events are known
-- that name neither. Random ids of 80 bits would be safe as plain hashes; a pupil's number, an order's and an address are
-- found by trying. So the hashes are keyed, with a key of this installation that no role may read. Who has a copy of these
-- rows alone, or an operator's login, learns how many were erased and when. Who has all of the database can try names;
-- for as long as the rows are there, it has the bytes of the events themselves in it.
create table consumer.erased_name (
    tenant uuid not null,
    hash bytea not null,
    pseudonym text not null,
    primary key (tenant, hash, pseudonym),
    foreign key (tenant, pseudonym) references consumer.erasure (tenant, pseudonym)
);
create index on consumer.erased_name (tenant, pseudonym);

-- Random bits of two UUIDs, more than it takes. It is not one of the keys that secrets are sealed under: enrichment need
-- not have those, and operators' commands neither.
create table consumer.erasure_key (key bytea not null);
insert into consumer.erasure_key
    values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

create function consumer.erased_hash(key bytea, of_tenant uuid, of_provider text, of_realm text, kind text, name text)
returns bytea
language sql stable set search_path = pg_catalog, pg_temp as $$
    select sha256(key || sha256(key || convert_to(
        jsonb_build_array(of_tenant, of_provider, of_realm, kind, name)::text, 'UTF8')))
$$;

-- An erasure begins with a lock that waits for whoever has looked here and goes on with what it saw, and lets nobody look
-- until it is committed. Who handles events looks before it writes, and has looked until its transaction ends. So what was
-- written without knowing of the erasure is committed before any step of the erasure that follows looks for it, and
-- nothing is written so later. It waits for nobody who merely reads, as a dump does.
create function consumer.begin_erasure(of_tenant uuid, of_pseudonym text) returns void
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '3s' as $$
begin
    lock table consumer.erasure in exclusive mode;
    insert into consumer.erasure (tenant, pseudonym) values (of_tenant, of_pseudonym)
        on conflict (tenant, pseudonym) do update set received_until = 'infinity';
end
$$;

-- Whether anything has to be asked of events the first of which was received then. The lock and the look are two
-- statements, so that whoever waited for an erasure to be committed sees it.
create function consumer.look_for_erasures(first_received timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    lock table consumer.erasure in row share mode;
    return exists (select from consumer.erasure e where e.received_until > first_received);
end
$$;

create function consumer.remember_erased(of_tenant uuid, of_pseudonym text, of_provider text, of_realm text, kind text,
                                         names text[]) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    insert into consumer.erased_name (tenant, hash, pseudonym)
        select of_tenant, consumer.erased_hash(k.key, of_tenant, of_provider, of_realm, kind, n), of_pseudonym
            from consumer.erasure_key k, unnest(names) n
            order by 2
        on conflict do nothing
$$;

-- When an event was received another machine's clock says, which may be as much ahead as processes start with. Who comes
-- back within that time is taken for who was erased.
create function consumer.end_erasure(of_tenant uuid, of_pseudonym text) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    update consumer.erasure set received_until = clock_timestamp() + interval '5 seconds'
        where tenant = of_tenant and pseudonym = of_pseudonym
$$;

-- What events are called, several names of one place, and under which pseudonym whoever that was is now. Of somebody who
-- was erased more than once, that of the first erasure after the event. Only where a tenant has erased somebody since
-- then are hashes reckoned.
create function consumer.pseudonyms(places bigint[], tenants uuid[], received timestamptz[], providers text[],
                                    realms text[], kinds text[], names text[])
returns table (place bigint, pseudonym text)
language plpgsql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
begin
    return query
        with asked as materialized (
            select w.* from unnest(places, tenants, received, providers, realms, kinds, names)
                    w(place, tenant, received, provider, realm, kind, name)
                where exists (select from consumer.erasure x
                              where x.tenant = w.tenant and x.received_until > w.received)
        ), named as materialized (
            select a.place, a.tenant, a.received,
                    consumer.erased_hash(k.key, a.tenant, a.provider, a.realm, a.kind, a.name) as hash
                from asked a, consumer.erasure_key k
        )
        select distinct on (a.place) a.place, e.pseudonym
            from named a
            join consumer.erased_name n on n.tenant = a.tenant and n.hash = a.hash
            join consumer.erasure e on e.tenant = n.tenant and e.pseudonym = n.pseudonym
                and e.received_until > a.received
            order by a.place, e.received_until, e.pseudonym;
end
$$;

-- Erasures since which no day is stored any more, nor a record on any topic, nor a message of the tenant that may be tried
-- again: dead letters outlive their day. Of days that are gone the work has little else, and it is read once.
create function consumer.old_erasures() returns table (tenant uuid, pseudonym text)
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    seen constant text := current_setting('tollgate.tenant', true);
    first_day constant date := (select min(to_date(right(c.relname, 8), 'YYYYMMDD'))
                                from pg_inherits i join pg_class c on c.oid = i.inhrelid
                                where i.inhparent = 'archive.event'::regclass and c.relname ~ '^event_[0-9]{8}$');
    before constant timestamptz := least(first_day::timestamp at time zone 'UTC', clock_timestamp() - interval '35 days');
    first_id constant uuid := consumer.first_id_at(before);
    consumers constant text[] := array(select consumer.letter_consumers());
begin
    perform set_config('tollgate.tenant', '*', true);
    return query
        with old as materialized (
            select e.tenant, e.pseudonym, e.received_until from consumer.erasure e where e.received_until < before
        )
        select o.tenant, o.pseudonym from old o
            where not exists (select from consumer.work w
                              where w.consumer = any (consumers) and w.message_id < first_id and w.tenant = o.tenant
                                  and w.message_id < consumer.first_id_at(o.received_until)
                                  and w.state in ('retrying', 'held', 'dead'));
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
end
$$;

-- At most so many names; gives how many names and erasures went.
create function consumer.forget_erasures(at_most bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenants uuid[];
    old_pseudonyms text[];
    names bigint;
    erasures bigint;
begin
    select array_agg(o.tenant), array_agg(o.pseudonym) into tenants, old_pseudonyms from consumer.old_erasures() o;
    delete from consumer.erased_name n using (
        select x.tenant, x.hash, x.pseudonym from unnest(tenants, old_pseudonyms) o(tenant, pseudonym)
            join consumer.erased_name x on x.tenant = o.tenant and x.pseudonym = o.pseudonym limit at_most) gone
        where n.tenant = gone.tenant and n.hash = gone.hash and n.pseudonym = gone.pseudonym;
    get diagnostics names = row_count;
    delete from consumer.erasure e using unnest(tenants, old_pseudonyms) o(tenant, pseudonym)
        where e.tenant = o.tenant and e.pseudonym = o.pseudonym
            and not exists (select from consumer.erased_name n
                            where n.tenant = e.tenant and n.pseudonym = e.pseudonym);
    get diagnostics erasures = row_count;
    return names + erasures;
end
$$;

-- Nobody reads the tables themselves, operators neither.
revoke execute on function consumer.erased_hash(bytea, uuid, text, text, text, text),
    consumer.begin_erasure(uuid, text), consumer.remember_erased(uuid, text, text, text, text, text[]),
    consumer.end_erasure(uuid, text), consumer.look_for_erasures(timestamptz),
    consumer.pseudonyms(bigint[], uuid[], timestamptz[], text[], text[], text[], text[]),
    consumer.old_erasures(), consumer.forget_erasures(bigint) from public;
grant execute on function consumer.look_for_erasures(timestamptz),
    consumer.pseudonyms(bigint[], uuid[], timestamptz[], text[], text[], text[], text[])
    to tollgate_enrichment, tollgate_delivery;
grant execute on function consumer.forget_erasures(bigint) to tollgate_enrichment;
