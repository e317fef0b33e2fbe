-- release 1
-- Two events of one moment: which came last is decided by the events, not by the order in which they arrive. Who says
-- what the revenue was before is followed by nobody who says that it was another's afterwards; else the provider's id
-- of the event decides. And one id of two realms is two subscriptions.

alter table billing.subscription_fact
    add column provider_event text not null default '',
    add column before_minor bigint,                      -- the monthly revenue before it, if it says so
    add column is_followed boolean not null default false; -- another of its moment begins where it ends
alter table billing.invoice_fact add column provider_event text not null default '';

create or replace view billing.subscription with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.subscription as id,
            (array_agg(f.status order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.status is not null))[1] as status,
            (array_agg(f.mrr_minor order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.mrr_minor is not null))[1] as mrr_minor,
            (array_agg(f.currency order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.currency is not null))[1] as currency,
            (array_agg(f.plan order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.plan is not null))[1] as plan,
            (array_agg(f.quantity order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.quantity is not null))[1] as quantity,
            (array_agg(f.customer order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.customer is not null))[1] as customer,
            (array_agg(f.period_end order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc)
                filter (where f.period_end is not null))[1] as period_end,
            (array_agg(f.ends_at order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                f.provider_event desc, f.event_id desc))[1] as ends_at,
            min(f.at) as first_at, max(f.at) as last_at, f.realm
        from billing.subscription_fact f group by f.tenant, f.provider, f.is_test, f.realm, f.subscription;

create or replace view billing.invoice with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.invoice as id,
            (array_agg(f.status order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc))[1] as status,
            (array_agg(f.amount_minor order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc)
                filter (where f.amount_minor is not null))[1] as amount_minor,
            (array_agg(f.currency order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc)
                filter (where f.currency is not null))[1] as currency,
            (array_agg(f.number order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc)
                filter (where f.number is not null))[1] as number,
            (array_agg(f.customer order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc)
                filter (where f.customer is not null))[1] as customer,
            (array_agg(f.subscription order by f.at desc, f.version desc, f.rank desc, f.provider_event desc,
                f.event_id desc)
                filter (where f.subscription is not null))[1] as subscription,
            min(f.at) filter (where f.status = 'paid') as paid_at,
            max(f.next_attempt) filter (where f.status = 'failed') as next_attempt, f.realm
        from billing.invoice_fact f group by f.tenant, f.provider, f.is_test, f.realm, f.invoice;

-- Movements of monthly recurring revenue. Who pays in another currency from some day on ends in the old one and begins
-- in the new. An event that does not say whether money comes, or how much, moves nothing.
create or replace view billing.mrr_movement with (security_invoker = true) as
    with told as (
        select f.tenant, f.provider, f.is_test, f.realm, f.subscription, f.event_id, f.at, f.version, f.rank,
                f.is_followed, f.provider_event, f.currency,
                case when f.status in ('active', 'past_due') then f.mrr_minor else 0 end as mrr_minor
            from billing.subscription_fact f
            where f.status is not null and (f.status not in ('active', 'past_due') or f.mrr_minor is not null)
    ), paid_in as (
        select distinct f.tenant, f.provider, f.is_test, f.realm, f.subscription, f.currency
            from billing.subscription_fact f where f.currency is not null
    ), series as (
        select t.tenant, t.provider, t.is_test, t.realm, t.subscription, c.currency, t.event_id, t.at, t.version,
                t.rank, t.is_followed, t.provider_event,
                case when t.currency = c.currency then t.mrr_minor else 0 end as mrr_minor
            from told t join paid_in c using (tenant, provider, is_test, realm, subscription)
    ), steps as (
        select s.*, lag(s.mrr_minor, 1, 0::bigint) over moves as before_minor,
                coalesce(max(s.mrr_minor) over (moves rows between unbounded preceding and 1 preceding), 0)
                    as most_minor
            from series s
            window moves as (partition by s.tenant, s.provider, s.is_test, s.realm, s.subscription, s.currency
                             order by s.at, s.version, s.rank, s.is_followed desc, s.provider_event, s.event_id)
    )
    select s.tenant, s.provider, s.is_test, s.subscription, s.currency, s.event_id, s.at,
            case when s.before_minor = 0 and s.most_minor = 0 then 'new'
                 when s.before_minor = 0 then 'reactivation'
                 when s.mrr_minor = 0 then 'churn'
                 when s.mrr_minor > s.before_minor then 'expansion'
                 else 'contraction' end as effect,
            s.mrr_minor - s.before_minor as delta_minor, s.realm
        from steps s where s.mrr_minor <> s.before_minor;
