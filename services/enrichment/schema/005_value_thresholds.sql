-- release 1
-- Where customers stand among those of their tenant, by what they have paid: bounds that are reckoned now and then from
-- some of them, so that no event asks for all.

create table enrichment.value_bounds (
    tenant uuid not null,
    is_test boolean not null,
    currency text not null,
    bounds bigint[] not null,           -- 99 of them: of each hundredth of the customers the most that one is worth
    customers bigint not null,          -- that they were reckoned from
    primary key (tenant, is_test, currency)
);

-- When a tenant's were reckoned, by whichever process.
create table enrichment.reckoned (
    tenant uuid primary key,
    at timestamptz not null
);

-- Of at most so many customers, which are others each time. Among a few, a place says nothing.
create function enrichment.reckon_bounds(of_tenant uuid, sample integer) returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
    with chosen as materialized (
        select c.provider, c.customer, c.is_test from enrichment.customer c
            where c.tenant = of_tenant
            order by hashtextextended(c.customer, extract(epoch from now())::bigint) limit sample
    ), reckoned as (
        select c.is_test, v.currency, count(*) as customers,
                percentile_disc(array(select n / 100.0 from generate_series(1, 99) n))
                    within group (order by v.paid_minor - v.refunded_minor) as bounds
            from chosen c
            cross join lateral enrichment.value(of_tenant, c.provider, c.customer, c.is_test) v
            group by 1, 2 having count(*) >= 20
    ), gone as (
        delete from enrichment.value_bounds b
            where b.tenant = of_tenant and not exists (select from reckoned r
                                                       where r.is_test = b.is_test and r.currency = b.currency)
    )
    insert into enrichment.value_bounds (tenant, is_test, currency, bounds, customers)
        select of_tenant, r.is_test, r.currency, r.bounds, r.customers from reckoned r
        on conflict (tenant, is_test, currency) do update
            set bounds = excluded.bounds, customers = excluded.customers
$$;

-- 1 to 100, those who are worth the same at the lowest of their places; null where nothing was reckoned.
create function enrichment.percentile(of_tenant uuid, of_test boolean, of_currency text, minor bigint) returns integer
language sql stable set search_path = pg_catalog, pg_temp as $$
    select 1 + width_bucket(minor - 1, b.bounds) from enrichment.value_bounds b
        where b.tenant = of_tenant and b.is_test = of_test and b.currency = of_currency
$$;

revoke execute on function enrichment.reckon_bounds(uuid, integer), enrichment.percentile(uuid, boolean, text, bigint)
    from public;
grant execute on function enrichment.reckon_bounds(uuid, integer) to tollgate_enrichment;
grant execute on function enrichment.percentile(uuid, boolean, text, bigint)
    to tollgate_enrichment, tollgate_operator, tollgate_console;
grant select, insert, update, delete on enrichment.value_bounds to tollgate_enrichment;
grant select, insert, update on enrichment.reckoned to tollgate_enrichment;
grant select on enrichment.value_bounds to tollgate_operator, tollgate_console;

alter table enrichment.value_bounds enable row level security, force row level security;
create policy by_tenant on enrichment.value_bounds using (tenants.sees(tenant));
create policy all_tenants on enrichment.value_bounds to tollgate_enrichment using (true) with check (true);
alter table enrichment.reckoned enable row level security, force row level security;
create policy all_tenants on enrichment.reckoned to tollgate_enrichment using (true) with check (true);
