-- release 1
-- A customer is erased in steps, because one may have facts by the million. Who begins it leaves the pseudonym here, so
-- that whoever carries on after an end half-way puts the same one; the row goes with the last step.
create table enrichment.erasure (
    tenant uuid not null,
    provider text not null,
    realm text not null,
    customer text not null,
    pseudonym text not null,
    begun_at timestamptz not null default clock_timestamp(),
    primary key (tenant, provider, realm, customer)
);
grant select on enrichment.erasure to tollgate_operator, tollgate_console;
alter table enrichment.erasure enable row level security, force row level security;
create policy by_tenant on enrichment.erasure using (tenants.sees(tenant)) with check (tenants.sees(tenant));

drop function enrichment.erase_customer(uuid, text, text, text);

create function enrichment.require_seen(of_tenant uuid) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if not coalesce(tenants.sees(of_tenant), false) then
        raise exception 'tenant % is not one that this operator sees', of_tenant using errcode = '42501';
    end if;
end
$$;

-- Gives the pseudonym: this one, or that with which it was begun before.
create function enrichment.begin_erasure(of_tenant uuid, of_provider text, of_realm text, of_customer text,
                                         new_pseudonym text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform enrichment.require_seen(of_tenant);
    insert into enrichment.erasure (tenant, provider, realm, customer, pseudonym)
        values (of_tenant, of_provider, of_realm, of_customer, new_pseudonym) on conflict do nothing;
    return (select e.pseudonym from enrichment.erasure e
            where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer);
end
$$;

-- At most so many facts get the pseudonym. Gives how many did.
create function enrichment.erase_facts(of_tenant uuid, of_provider text, of_realm text, of_customer text, most integer)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    renamed bigint;
begin
    perform enrichment.require_seen(of_tenant);
    update enrichment.fact f set customer = e.pseudonym
        from enrichment.erasure e,
            (select x.event_id from enrichment.fact x
                where x.tenant = of_tenant and x.provider = of_provider and x.realm = of_realm
                    and x.customer = of_customer
                limit most for update) as next
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer
            and f.tenant = of_tenant and f.event_id = next.event_id;
    get diagnostics renamed = row_count;
    return renamed;
end
$$;

-- The last step: the profile itself, and who it is in the tenant's own system. Gives how many profiles got the pseudonym.
create function enrichment.end_erasure(of_tenant uuid, of_provider text, of_realm text, of_customer text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    renamed bigint;
begin
    perform enrichment.require_seen(of_tenant);
    update enrichment.customer c set customer = e.pseudonym, name = null, email = null, person_at = null
        from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer
            and c.tenant = of_tenant and c.provider = of_provider and c.realm = of_realm and c.customer = of_customer;
    get diagnostics renamed = row_count;
    delete from enrichment.reference r
        where r.tenant = of_tenant and r.provider = of_provider and r.realm = of_realm and r.customer = of_customer;
    delete from enrichment.erasure e
        where e.tenant = of_tenant and e.provider = of_provider and e.realm = of_realm and e.customer = of_customer;
    return renamed;
end
$$;

revoke execute on function enrichment.require_seen(uuid),
    enrichment.begin_erasure(uuid, text, text, text, text),
    enrichment.erase_facts(uuid, text, text, text, integer), enrichment.end_erasure(uuid, text, text, text) from public;
grant execute on function enrichment.begin_erasure(uuid, text, text, text, text),
    enrichment.erase_facts(uuid, text, text, text, integer), enrichment.end_erasure(uuid, text, text, text)
    to tollgate_operator, tollgate_console;
