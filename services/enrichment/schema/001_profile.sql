-- release 1
-- What is known of customers. Nothing here depends on the order in which events come: what is kept is a set of facts,
-- a row for each event that tells one, and a profile is reckoned from the set. Several events may tell of one fact (a
-- charge and its payment intent): such rows have one kind and object, and count once. Amounts are in the currency's
-- smallest unit.

create table enrichment.fact (
    tenant uuid not null,
    event_id uuid not null,             -- who tells it
    provider text not null,
    kind text not null check (kind in ('payment', 'failure', 'refund', 'failed_refund', 'dispute', 'order')),
    object text not null,               -- the provider's id of what it is about
    payment text,                       -- and of the payment that its money belongs to
    shop_order text,
    customer text,                      -- null: whose the payment is
    at timestamptz not null,            -- the provider's time, else the receipt
    version bigint not null,            -- the provider's, for two states at one time
    amount_minor bigint,
    currency text,
    refunded_minor bigint,              -- of a refund: of the payment in all, as of then
    is_test boolean not null,
    primary key (tenant, event_id),
    check ((amount_minor is null) = (currency is null))
);
create index on enrichment.fact (tenant, provider, customer) where customer is not null;
create index on enrichment.fact (tenant, provider, payment) where payment is not null;

-- When events of theirs were first and last, of whatever kind. Only ever grows.
create table enrichment.customer (
    tenant uuid not null,
    provider text not null,
    customer text not null,
    is_test boolean not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (tenant, provider, customer, is_test)
);

-- With those of their payments that name no customer: Stripe's refunds and disputes.
create function enrichment.facts_of(of_tenant uuid, of_provider text, of_customer text, of_test boolean)
returns setof enrichment.fact
language sql stable rows 20 set search_path = pg_catalog, pg_temp as $$
    select f.* from enrichment.fact f
        where f.tenant = of_tenant and f.provider = of_provider and f.customer = of_customer and f.is_test = of_test
    union all
    select f.* from enrichment.fact f
        where f.tenant = of_tenant and f.provider = of_provider and f.customer is null and f.is_test = of_test
            and f.payment in (select p.payment from enrichment.fact p
                              where p.tenant = of_tenant and p.provider = of_provider and p.customer = of_customer
                                  and p.is_test = of_test and p.payment is not null)
$$;

-- What happened to a customer up to that time, without one fact (that of the event which asks).
create function enrichment.profile(of_tenant uuid, of_provider text, of_customer text, of_test boolean,
                                   until timestamptz default 'infinity', but_kind text default null,
                                   but_object text default null)
returns table (orders integer, payments integer, failures integer, failures_in_row integer, disputes integer,
               last_payment timestamptz)
language sql stable rows 1 set search_path = pg_catalog, pg_temp as $$
    with theirs as materialized (
        select f.* from enrichment.facts_of(of_tenant, of_provider, of_customer, of_test) f
            where f.at <= until and (but_kind is null or (f.kind, f.object) <> (but_kind, but_object))
    ), told as (
        select f.kind, f.object, max(f.at) as at from theirs f group by f.kind, f.object
    ), paid as (
        select max(t.at) as at from told t where t.kind = 'payment'
    )
    select (select count(distinct f.shop_order)::integer from theirs f),
            count(*) filter (where t.kind = 'payment')::integer,
            count(*) filter (where t.kind = 'failure')::integer,
            count(*) filter (where t.kind = 'failure' and (paid.at is null or t.at > paid.at))::integer,
            count(*) filter (where t.kind = 'dispute')::integer,
            min(paid.at)
        from paid left join told t on true
$$;

-- Paid and given back, in each currency. The newest state of a payment and of a refund is the one that counts; a refund
-- of a payment that was never seen takes nothing away.
create function enrichment.value(of_tenant uuid, of_provider text, of_customer text, of_test boolean,
                                 until timestamptz default 'infinity', but_kind text default null,
                                 but_object text default null)
returns table (currency text, paid_minor bigint, refunded_minor bigint)
language sql stable rows 1 set search_path = pg_catalog, pg_temp as $$
    with theirs as materialized (
        select f.* from enrichment.facts_of(of_tenant, of_provider, of_customer, of_test) f
            where f.at <= until and (but_kind is null or (f.kind, f.object) <> (but_kind, but_object))
                and f.kind in ('payment', 'refund', 'failed_refund')
    ), paid as (
        select distinct on (f.object) f.object as payment, f.amount_minor, f.currency from theirs f
            where f.kind = 'payment' and f.amount_minor is not null
            order by f.object, f.at desc, f.version desc, f.amount_minor desc, f.currency
    ), part as (
        -- Of each refund by its own id.
        select distinct on (f.payment, f.object) f.payment, f.amount_minor, f.currency from theirs f
            where f.kind = 'refund' and f.refunded_minor is null and f.amount_minor is not null
                and not exists (select from theirs x where x.kind = 'failed_refund' and x.object = f.object)
            order by f.payment, f.object, f.at desc, f.version desc, f.amount_minor desc, f.currency
    ), whole as (
        -- What the payment itself says; not once one of its refunds has failed, which it does not say.
        select distinct on (f.payment) f.payment, f.refunded_minor from theirs f
            where f.kind = 'refund' and f.refunded_minor is not null
                and not exists (select from theirs x where x.kind = 'failed_refund' and x.payment = f.payment)
            order by f.payment, f.at desc, f.version desc, f.refunded_minor desc
    ), given_back as (
        select p.payment, p.currency, p.amount_minor,
                least(p.amount_minor,
                      greatest((select sum(r.amount_minor) from part r
                                where r.payment = p.payment and r.currency = p.currency),
                               (select w.refunded_minor from whole w where w.payment = p.payment), 0)) as refunded
            from paid p
    )
    -- However much somebody claims to have paid, it can be told.
    select g.currency, least(sum(g.amount_minor), 9223372036854775807)::bigint,
            least(sum(g.refunded), 9223372036854775807)::bigint
        from given_back g group by g.currency
$$;

revoke execute on all functions in schema enrichment from public;
grant usage on schema enrichment to tollgate_enrichment, tollgate_operator, tollgate_console;
grant select, insert, update, delete on enrichment.fact to tollgate_enrichment;
grant select, insert, update on enrichment.customer to tollgate_enrichment;
grant select on enrichment.fact, enrichment.customer to tollgate_operator, tollgate_console;
grant execute on all functions in schema enrichment to tollgate_enrichment, tollgate_operator, tollgate_console;

alter table enrichment.fact enable row level security, force row level security;
create policy by_tenant on enrichment.fact using (tenants.sees(tenant));
create policy all_tenants on enrichment.fact to tollgate_enrichment using (true) with check (true);
alter table enrichment.customer enable row level security, force row level security;
create policy by_tenant on enrichment.customer using (tenants.sees(tenant));
create policy all_tenants on enrichment.customer to tollgate_enrichment using (true) with check (true);
