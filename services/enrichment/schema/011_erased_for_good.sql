-- release 1
-- As in 009, and what was erased stays so: what the customer was called is remembered, as hashes (consumer.erasure), so
-- that an event that had come before gives nobody back, whenever it is handled.

create or replace function enrichment.begin_erasure(of_tenant uuid, of_provider text, of_realm text, of_customer text,
                                                    new_pseudonym text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
begin
    perform enrichment.require_seen(of_tenant);
    insert into enrichment.erasure (tenant, provider, realm, customer, pseudonym)
        values (of_tenant, of_provider, of_realm, of_customer, new_pseudonym) on conflict do nothing;
    -- Nobody ends it meanwhile.
    select e.pseudonym into strict given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer
        for update;
    perform consumer.begin_erasure(of_tenant, given);
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'customer', array[of_customer]);
    return given;
end
$$;

-- The next steps are for events that name no customer. Gives the addresses of the profile by which nobody else is known,
-- in small letters of ASCII, as events are looked for. A step of its own: of no address there is an index, and while an
-- erasure begins all who handle events wait.
create function enrichment.remember_emails(of_tenant uuid, of_provider text, of_realm text, of_customer text)
returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
    emails text[];
begin
    perform enrichment.require_seen(of_tenant);
    select e.pseudonym into given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer;
    if given is null then
        return;
    end if;
    emails := array(
        select distinct lower(c.email collate "C") from enrichment.customer c
            where c.tenant = of_tenant and c.provider = of_provider and c.realm = of_realm and c.customer = of_customer
                and c.email <> ''
                and not exists (select from enrichment.customer o
                                where o.tenant = c.tenant and o.provider = c.provider and o.realm = c.realm
                                    and o.customer <> c.customer
                                    and lower(o.email collate "C") = lower(c.email collate "C")));
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'email', emails);
    return query select unnest(emails);
end
$$;

-- Such an event is about one of their payments: so these are remembered, but for those that facts of several customers
-- name.
create or replace function enrichment.erase_facts(of_tenant uuid, of_provider text, of_realm text, of_customer text,
                                                  most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
    events uuid[];
    payments text[];
begin
    perform enrichment.require_seen(of_tenant);
    select e.pseudonym into given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer;
    if given is null then
        return 0;
    end if;
    -- As who handles events, this first, then what is remembered, and facts last: so neither waits for the other while it
    -- is waited for.
    lock table consumer.erasure in row share mode;
    select array_agg(n.event_id), array_agg(distinct n.payment) filter (where n.payment is not null)
        into events, payments
        from (select x.event_id, x.payment from enrichment.fact x
              where x.tenant = of_tenant and x.provider = of_provider and x.realm = of_realm
                  and x.customer = of_customer limit most) n;
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'payment', array(
        select p from unnest(payments) p
            where not exists (
                select from enrichment.fact o
                    where o.tenant = of_tenant and o.provider = of_provider and o.payment = p and o.realm = of_realm
                        and o.customer not in (of_customer, given)
                        -- Nor under the name that an erasure of before has given them.
                        and not exists (select from consumer.erased_name n, consumer.erasure_key k
                                        where n.tenant = of_tenant and n.pseudonym = o.customer
                                            and n.hash = consumer.erased_hash(k.key, of_tenant, of_provider, of_realm,
                                                                              'customer', of_customer)))));
    update enrichment.fact f set customer = given
        where f.tenant = of_tenant and f.event_id = any (events) and f.customer = of_customer;
    -- Also those that somebody has taken away meanwhile.
    return coalesce(cardinality(events), 0);
end
$$;

-- When all that is remembered: who has looked at events before it was goes on without knowing whose they are, and is
-- waited for. What they have written is found by steps that come after this one.
create function enrichment.wait_for_handlers(of_tenant uuid, of_provider text, of_realm text, of_customer text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
begin
    perform enrichment.require_seen(of_tenant);
    select e.pseudonym into given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer
        for update;
    -- Else somebody has ended it.
    if found then
        perform consumer.begin_erasure(of_tenant, given);
    end if;
end
$$;

-- Events that came before may have been handled while the erasure went on: then the pseudonym has a profile already.
create or replace function enrichment.end_erasure(of_tenant uuid, of_provider text, of_realm text, of_customer text)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
    renamed bigint;
begin
    perform enrichment.require_seen(of_tenant);
    delete from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer
        returning e.pseudonym into given;
    if given is null then
        return 0;
    end if;
    with theirs as (
        delete from enrichment.customer c
            where c.tenant = of_tenant and c.provider = of_provider and c.realm = of_realm and c.customer = of_customer
            returning c.is_test, c.first_at, c.last_at
    )
    insert into enrichment.customer as known (tenant, provider, customer, is_test, realm, first_at, last_at)
        select of_tenant, of_provider, given, t.is_test, of_realm, t.first_at, t.last_at from theirs t
        on conflict (tenant, provider, customer, is_test, realm) do update
            set first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at);
    get diagnostics renamed = row_count;
    delete from enrichment.reference r
        where r.tenant = of_tenant and r.provider = of_provider and r.realm = of_realm and r.customer = of_customer;
    perform consumer.end_erasure(of_tenant, given);
    return renamed;
end
$$;

-- What late events of erased customers tell of them: the events after these that name no customer are to be known by it,
-- as they would be had it been known when the erasure began. Facts of other customers name a payment, where that is not
-- the customer of before under another name; of an address nothing but all customers of the provider tells whose it is
-- besides, so that is asked once, and remembered too. Gives how much was new.
create function enrichment.remember_late(tenants uuid[], pseudonyms text[], providers text[], realms text[],
                                         customers text[], payments text[], emails text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    seen constant text := current_setting('tollgate.tenant', true);
    added bigint;
begin
    perform set_config('tollgate.tenant', '*', true);
    with told as (
        select distinct l.tenant, l.pseudonym, l.provider, l.realm, l.customer, w.kind, w.name
            from unnest(tenants, pseudonyms, providers, realms, customers, payments, emails)
                    l(tenant, pseudonym, provider, realm, customer, payment, email),
                lateral (values ('payment', l.payment), ('email', l.email)) w(kind, name)
            where w.name <> ''
    ), hashed as materialized (
        select t.*, consumer.erased_hash(k.key, t.tenant, t.provider, t.realm, t.kind, t.name) as hash,
                consumer.erased_hash(k.key, t.tenant, t.provider, t.realm, 'shared ' || t.kind, t.name) as shared_hash,
                consumer.erased_hash(k.key, t.tenant, t.provider, t.realm, 'customer', t.customer) as customer_hash
            from told t, consumer.erasure_key k
    ), unknown as materialized (
        select h.* from hashed h
            where not exists (select from consumer.erased_name n
                              where n.tenant = h.tenant and n.hash in (h.hash, h.shared_hash)
                                  and n.pseudonym = h.pseudonym)
    ), judged as (
        select u.*, case u.kind
                when 'payment' then exists (
                    select from enrichment.fact f
                        where f.tenant = u.tenant and f.provider = u.provider and f.payment = u.name
                            and f.realm = u.realm and f.customer not in (u.customer, u.pseudonym)
                            and not exists (select from consumer.erased_name n
                                            where n.tenant = u.tenant and n.hash = u.customer_hash
                                                and n.pseudonym = f.customer))
                else exists (
                    select from enrichment.customer c
                        where c.tenant = u.tenant and c.provider = u.provider and c.realm = u.realm
                            and c.customer <> u.customer and lower(c.email collate "C") = u.name)
                end as is_shared
            from unknown u
    )
    -- In one order, whoever does it at the same time.
    insert into consumer.erased_name (tenant, hash, pseudonym)
        select j.tenant, case when j.is_shared then j.shared_hash else j.hash end, j.pseudonym from judged j
            where j.kind = 'email' or not j.is_shared
            order by 1, 2, 3
        on conflict do nothing;
    get diagnostics added = row_count;
    perform set_config('tollgate.tenant', coalesce(seen, ''), true);
    return added;
end
$$;

revoke execute on function enrichment.remember_emails(uuid, text, text, text),
    enrichment.wait_for_handlers(uuid, text, text, text),
    enrichment.remember_late(uuid[], text[], text[], text[], text[], text[], text[]) from public;
grant execute on function enrichment.remember_emails(uuid, text, text, text),
    enrichment.wait_for_handlers(uuid, text, text, text)
    to tollgate_operator, tollgate_console;
grant execute on function enrichment.remember_late(uuid[], text[], text[], text[], text[], text[], text[])
    to tollgate_enrichment;
