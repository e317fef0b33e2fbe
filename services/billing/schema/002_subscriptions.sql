-- release 1
-- Subscriptions and invoices: a row for each event that tells of one, and views that reckon from all of them how it
-- stands. What an event does not say is as the newest one says that does.

create table billing.subscription_fact (
    tenant uuid not null,
    event_id uuid not null,
    provider text not null,
    is_test boolean not null,
    subscription text not null,
    at timestamptz not null,
    version bigint not null,
    rank smallint not null,             -- of two states at one time: an end comes last
    status text check (status in ('trialing', 'active', 'past_due', 'unpaid', 'paused', 'cancelled', 'incomplete')),
    mrr_minor bigint,
    currency text,
    plan text,
    quantity integer,
    customer text,
    period_end timestamptz,
    ends_at timestamptz,
    primary key (tenant, event_id),
    check ((mrr_minor is null) = (currency is null))
);
create index on billing.subscription_fact (tenant, provider, is_test, subscription);

create table billing.invoice_fact (
    tenant uuid not null,
    event_id uuid not null,
    provider text not null,
    is_test boolean not null,
    invoice text not null,
    at timestamptz not null,
    version bigint not null,
    rank smallint not null,
    status text not null check (status in ('open', 'failed', 'paid', 'uncollectible', 'void')),
    amount_minor bigint,
    currency text,
    number text,
    customer text,
    subscription text,
    next_attempt timestamptz,
    primary key (tenant, event_id),
    check ((amount_minor is null) = (currency is null))
);
create index on billing.invoice_fact (tenant, provider, is_test, invoice);

create view billing.subscription with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.subscription as id,
            (array_agg(f.status order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.status is not null))[1] as status,
            (array_agg(f.mrr_minor order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.mrr_minor is not null))[1] as mrr_minor,
            (array_agg(f.currency order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.currency is not null))[1] as currency,
            (array_agg(f.plan order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.plan is not null))[1] as plan,
            (array_agg(f.quantity order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.quantity is not null))[1] as quantity,
            (array_agg(f.customer order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.customer is not null))[1] as customer,
            (array_agg(f.period_end order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.period_end is not null))[1] as period_end,
            (array_agg(f.ends_at order by f.at desc, f.version desc, f.rank desc, f.event_id desc))[1] as ends_at,
            min(f.at) as first_at, max(f.at) as last_at
        from billing.subscription_fact f group by f.tenant, f.provider, f.is_test, f.subscription;

create view billing.invoice with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.invoice as id,
            (array_agg(f.status order by f.at desc, f.version desc, f.rank desc, f.event_id desc))[1] as status,
            (array_agg(f.amount_minor order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.amount_minor is not null))[1] as amount_minor,
            (array_agg(f.currency order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.currency is not null))[1] as currency,
            (array_agg(f.number order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.number is not null))[1] as number,
            (array_agg(f.customer order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.customer is not null))[1] as customer,
            (array_agg(f.subscription order by f.at desc, f.version desc, f.rank desc, f.event_id desc)
                filter (where f.subscription is not null))[1] as subscription,
            min(f.at) filter (where f.status = 'paid') as paid_at,
            max(f.next_attempt) filter (where f.status = 'failed') as next_attempt
        from billing.invoice_fact f group by f.tenant, f.provider, f.is_test, f.invoice;

-- Movements of monthly recurring revenue. Who pays in another currency from some day on ends in the old one and begins
-- in the new. An event that does not say whether money comes, or how much, moves nothing.
create view billing.mrr_movement with (security_invoker = true) as
    with told as (
        select f.tenant, f.provider, f.is_test, f.subscription, f.event_id, f.at, f.version, f.rank, f.currency,
                case when f.status in ('active', 'past_due') then f.mrr_minor else 0 end as mrr_minor
            from billing.subscription_fact f
            where f.status is not null and (f.status not in ('active', 'past_due') or f.mrr_minor is not null)
    ), paid_in as (
        select distinct f.tenant, f.provider, f.is_test, f.subscription, f.currency
            from billing.subscription_fact f where f.currency is not null
    ), series as (
        select t.tenant, t.provider, t.is_test, t.subscription, c.currency, t.event_id, t.at, t.version, t.rank,
                case when t.currency = c.currency then t.mrr_minor else 0 end as mrr_minor
            from told t join paid_in c using (tenant, provider, is_test, subscription)
    ), steps as (
        select s.*, lag(s.mrr_minor, 1, 0::bigint) over moves as before_minor,
                coalesce(max(s.mrr_minor) over (moves rows between unbounded preceding and 1 preceding), 0) as most_minor
            from series s
            window moves as (partition by s.tenant, s.provider, s.is_test, s.subscription, s.currency
                             order by s.at, s.version, s.rank, s.event_id)
    )
    select s.tenant, s.provider, s.is_test, s.subscription, s.currency, s.event_id, s.at,
            case when s.before_minor = 0 and s.most_minor = 0 then 'new'
                 when s.before_minor = 0 then 'reactivation'
                 when s.mrr_minor = 0 then 'churn'
                 when s.mrr_minor > s.before_minor then 'expansion'
                 else 'contraction' end as effect,
            s.mrr_minor - s.before_minor as delta_minor
        from steps s where s.mrr_minor <> s.before_minor;

grant select, insert, update, delete on billing.subscription_fact, billing.invoice_fact to tollgate_billing;
grant select on billing.subscription_fact, billing.invoice_fact, billing.subscription, billing.invoice,
    billing.mrr_movement to tollgate_operator, tollgate_console;

do $$
declare
    of_tenants constant text[] := array['subscription_fact', 'invoice_fact'];
    each text;
begin
    foreach each in array of_tenants loop
        execute format('alter table billing.%I enable row level security, force row level security', each);
        execute format('create policy by_tenant on billing.%I using (tenants.sees(tenant))', each);
        execute format('create policy all_tenants on billing.%I to tollgate_billing using (true) with check (true)',
                       each);
    end loop;
end
$$;
