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
    select e.pseudonym into strict given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer;
    perform consumer.begin_erasure(of_tenant, given);
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'customer', array[of_customer]);
    -- Those by which nobody else is known, in small letters of ASCII, as events are looked for.
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'email', array(
        select lower(c.email collate "C") from enrichment.customer c
            where c.tenant = of_tenant and c.provider = of_provider and c.realm = of_realm and c.customer = of_customer
                and c.email <> ''
                and not exists (select from enrichment.customer o
                                where o.tenant = c.tenant and o.provider = c.provider and o.realm = c.realm
                                    and o.customer <> c.customer
                                    and lower(o.email collate "C") = lower(c.email collate "C"))));
    return given;
end
$$;

-- Events that name no customer are of whose payment they are about: so payments are remembered too, but for those that
-- facts of several customers name.
create or replace function enrichment.erase_facts(of_tenant uuid, of_provider text, of_realm text, of_customer text,
                                                  most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given text;
    renamed bigint;
    payments text[];
begin
    perform enrichment.require_seen(of_tenant);
    select e.pseudonym into given from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer;
    if given is null then
        return 0;
    end if;
    with next as (
        select x.event_id from enrichment.fact x
            where x.tenant = of_tenant and x.provider = of_provider and x.realm = of_realm
                and x.customer = of_customer
            limit most for update
    ), changed as (
        update enrichment.fact f set customer = given
            from next where f.tenant = of_tenant and f.event_id = next.event_id
            returning f.payment
    )
    select count(*), array_agg(distinct c.payment) filter (where c.payment is not null) into renamed, payments
        from changed c;
    perform consumer.remember_erased(of_tenant, given, of_provider, of_realm, 'payment', array(
        select p from unnest(payments) p
            where not exists (select from enrichment.fact o
                              where o.tenant = of_tenant and o.provider = of_provider and o.payment = p
                                  and o.realm = of_realm and o.customer not in (of_customer, given))));
    return renamed;
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
