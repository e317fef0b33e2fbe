-- release 1
-- What one more fact costs depends on the facts that follow it in time, which mostly are none, and no longer on how
-- many there are, nor on how many currencies a subscription was ever paid in. And of two events of one moment the
-- status and the end that they tell of before count too, where they tell revenue alone did.

alter table billing.subscription_fact
    add column before_status text check (before_status in
        ('trialing', 'active', 'past_due', 'unpaid', 'paused', 'cancelled', 'incomplete')),
    add column before_ends_at timestamptz,               -- null with a status before: it was not going to end
    add check (before_ends_at is null or before_status is not null);

create index on billing.subscription_fact (tenant, provider, is_test, realm, subscription, at);
drop index billing.subscription_fact_tenant_provider_is_test_realm_subscriptio_idx;
-- Those of billing.revenue_told, by its own condition: who looks back for the last of them must not pass by all others,
-- which of a provider that tells no revenue are many.
create index on billing.subscription_fact (tenant, provider, is_test, realm, subscription, at)
    where status is not null and (status not in ('active', 'past_due') or mrr_minor is not null);
alter table billing.mrr_standing drop constraint mrr_standing_pkey,
    add primary key (tenant, provider, is_test, realm, subscription, at, event_id, currency);

-- What each fact says that comes a month; nothing of one that does not say whether money comes, or how much.
create view billing.revenue_told with (security_invoker = true) as
    select f.*, said.minor, case when said.minor <> 0 then f.currency end as paid_in
        from billing.subscription_fact f
            cross join lateral (
                select case when f.status in ('active', 'past_due') then f.mrr_minor else 0 end as minor) said
        where f.status is not null and (f.status not in ('active', 'past_due') or f.mrr_minor is not null);

-- Movements of monthly recurring revenue of one subscription, from some moment on. They are differences to the fact
-- before, whatever came before that one. Who pays in another currency from some day on ends in the old one and begins in
-- the new; who begins in one that was paid in before comes back.
create function billing.movements_since(of_tenant uuid, of_provider text, of_test boolean, of_realm text,
                                        of_subscription text, since timestamptz)
returns table (event_id uuid, at timestamptz, currency text, effect text, delta_minor bigint)
language sql stable as $$
    with told as (
        select f.event_id, f.at, f.version, f.rank, f.is_followed, f.provider_event, f.minor, f.paid_in
            from billing.revenue_told f
            where f.tenant = of_tenant and f.provider = of_provider and f.is_test = of_test and f.realm = of_realm
                and f.subscription = of_subscription and f.at >= since
        union all
        -- The moment first, for which an index is enough, and then the last of that moment.
        (select f.event_id, f.at, f.version, f.rank, f.is_followed, f.provider_event, f.minor, f.paid_in
            from billing.revenue_told f
            where f.tenant = of_tenant and f.provider = of_provider and f.is_test = of_test and f.realm = of_realm
                and f.subscription = of_subscription and f.at = (
                    select before.at from billing.revenue_told before
                        where before.tenant = of_tenant and before.provider = of_provider and before.is_test = of_test
                            and before.realm = of_realm and before.subscription = of_subscription
                            and before.at < since
                        order by before.at desc limit 1)
            order by f.version desc, f.rank desc, f.is_followed, f.provider_event desc, f.event_id desc limit 1)
    ), steps as (
        select t.*, lag(t.minor) over moves as before_minor, lag(t.paid_in) over moves as before_paid_in,
                bool_or(t.minor > 0) over (partition by t.paid_in
                    order by t.at, t.version, t.rank, t.is_followed desc, t.provider_event, t.event_id
                    rows between unbounded preceding and 1 preceding) as was_paid_in
            from told t
            window moves as (order by t.at, t.version, t.rank, t.is_followed desc, t.provider_event, t.event_id)
    )
    select s.event_id, s.at, moved.currency, moved.effect, moved.delta_minor
        from steps s cross join lateral (
            select s.paid_in, case when s.minor > s.before_minor then 'expansion' else 'contraction' end,
                    s.minor - s.before_minor
                where s.paid_in = s.before_paid_in and s.minor <> s.before_minor
            union all
            select s.before_paid_in, 'churn', -s.before_minor
                where s.before_paid_in is not null and s.paid_in is distinct from s.before_paid_in
            union all
            -- The latest is looked for, and not any, because it is the nearest in the index.
            select s.paid_in, case when s.was_paid_in or (
                        select true from billing.revenue_told f
                            where f.tenant = of_tenant and f.provider = of_provider and f.is_test = of_test
                                and f.realm = of_realm and f.subscription = of_subscription and f.at < since
                                and f.paid_in = s.paid_in and f.minor > 0
                            order by f.at desc limit 1) then 'reactivation' else 'new' end, s.minor
                where s.paid_in is not null and s.paid_in is distinct from s.before_paid_in
        ) moved (currency, effect, delta_minor)
        where s.at >= since
$$;

-- What the facts of one subscription say from some moment on: of each the newest that says it. Of the end the newest
-- does, because none is told where there is none.
create function billing.standing_since(of_tenant uuid, of_provider text, of_test boolean, of_realm text,
                                       of_subscription text, since timestamptz)
returns table (status text, mrr_minor bigint, currency text, plan text, quantity integer, customer text,
               period_end timestamptz, ends_at timestamptz, first_at timestamptz, last_at timestamptz)
language sql stable as $$
    with newest_first as materialized (
        select f.*, row_number() over (order by f.at desc, f.version desc, f.rank desc, f.is_followed,
                                       f.provider_event desc, f.event_id desc) as place
            from billing.subscription_fact f
            where f.tenant = of_tenant and f.provider = of_provider and f.is_test = of_test and f.realm = of_realm
                and f.subscription = of_subscription and f.at >= since
    )
    select (array_agg(f.status order by f.place) filter (where f.status is not null))[1],
            (array_agg(f.mrr_minor order by f.place) filter (where f.mrr_minor is not null))[1],
            (array_agg(f.currency order by f.place) filter (where f.currency is not null))[1],
            (array_agg(f.plan order by f.place) filter (where f.plan is not null))[1],
            (array_agg(f.quantity order by f.place) filter (where f.quantity is not null))[1],
            (array_agg(f.customer order by f.place) filter (where f.customer is not null))[1],
            (array_agg(f.period_end order by f.place) filter (where f.period_end is not null))[1],
            (array_agg(f.ends_at order by f.place))[1], min(f.at), max(f.at)
        from newest_first f
$$;

create or replace view billing.subscription with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.subscription as id, n.status, n.mrr_minor, n.currency, n.plan, n.quantity,
            n.customer, n.period_end, n.ends_at, n.first_at, n.last_at, f.realm
        from (select distinct tenant, provider, is_test, realm, subscription from billing.subscription_fact) f
            cross join lateral billing.standing_since(f.tenant, f.provider, f.is_test, f.realm, f.subscription,
                                                      '-infinity') n;
create or replace view billing.mrr_movement with (security_invoker = true) as
    select f.tenant, f.provider, f.is_test, f.subscription, m.currency, m.event_id, m.at, m.effect, m.delta_minor,
            f.realm
        from (select distinct tenant, provider, is_test, realm, subscription from billing.subscription_fact) f
            cross join lateral billing.movements_since(f.tenant, f.provider, f.is_test, f.realm, f.subscription,
                                                       '-infinity') m;

-- Of all subscriptions that some facts have come to, or gone from. They are held first, one after the other in one
-- order: who is told of one at the same time waits, and then sees these facts too. What is before the first fact that
-- came stays as it is; where facts went all is reckoned anew. Each statement is planned anew: a plan that was made for a
-- few rows, and is kept as long as the connection is, is no plan for many. `offset 0`, and windows in place of joins,
-- keep a plan good whatever it takes the number of facts of one subscription or of one moment to be.
create or replace function billing.stand_anew() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    touched constant text := format($sql$
        (select t.tenant, t.provider, t.is_test, t.realm, t.subscription, %s as since
            from told t group by 1, 2, 3, 4, 5)
    $sql$, case when tg_op = 'DELETE' then '''-infinity''::timestamptz' else 'min(t.at)' end);
    -- Where what no fact since then says is taken from: how it stood, or nothing.
    stays constant text := case when tg_op = 'DELETE' then 'n' else 's' end;
begin
    if not exists (select from told) then
        return null;
    end if;
    execute $sql$
        insert into billing.subscription_standing (tenant, provider, is_test, realm, id)
            select distinct t.tenant, t.provider, t.is_test, t.realm, t.subscription from told t order by 1, 2, 3, 4, 5
            on conflict do nothing
    $sql$;
    execute $sql$
        select from billing.subscription_standing s
            where (s.tenant, s.provider, s.is_test, s.realm, s.id)
                in (select t.tenant, t.provider, t.is_test, t.realm, t.subscription from told t)
            order by s.tenant, s.provider, s.is_test, s.realm, s.id for update
    $sql$;
    -- A fact is followed where another of its moment changes something and begins as this one ends, in all that the
    -- other tells of before. Each is put down with its end, as one that tells this or that sees it, and each that
    -- changes something with its beginning; those that are alike are beside each other.
    execute $sql$
        update billing.subscription_fact f set is_followed = n.is_followed
            from (
                select e.tenant, e.event_id, bool_or(e.is_followed) as is_followed
                    from (
                        select f.tenant, f.event_id, side.begins,
                                bool_or(side.begins) over (
                                    partition by f.tenant, f.provider, f.is_test, f.realm, f.subscription, f.at,
                                        f.version, f.rank, side.tells, side.mrr_minor, side.currency, side.status,
                                        side.ends_at) as is_followed
                            from (select distinct t.tenant, t.provider, t.is_test, t.realm, t.subscription, t.at
                                      from told t) t
                                cross join lateral (
                                    select * from billing.subscription_fact f
                                        where f.tenant = t.tenant and f.provider = t.provider
                                            and f.is_test = t.is_test and f.realm = t.realm
                                            and f.subscription = t.subscription and f.at = t.at offset 0) f
                                cross join lateral (
                                    values ('revenue', false, f.mrr_minor, f.currency, null, null),
                                        ('status', false, null, null, f.status, f.ends_at),
                                        ('both', false, f.mrr_minor, f.currency, f.status, f.ends_at)
                                    union all
                                    select case when f.before_status is null then 'revenue'
                                                when f.before_minor is null then 'status' else 'both' end,
                                            true, f.before_minor,
                                            case when f.before_minor is not null then f.currency end, f.before_status,
                                            f.before_ends_at
                                        where f.before_minor <> f.mrr_minor or f.before_status <> f.status
                                            or f.before_status is not null
                                                and f.before_ends_at is distinct from f.ends_at
                                ) side (tells, begins, mrr_minor, currency, status, ends_at)
                    ) e
                    where not e.begins group by e.tenant, e.event_id
            ) n
            where f.tenant = n.tenant and f.event_id = n.event_id and f.is_followed <> n.is_followed
    $sql$;
    execute format($sql$
        with now as materialized (
            select t.tenant, t.provider, t.is_test, t.realm, t.subscription, m.at, m.event_id, m.currency, m.effect,
                    m.delta_minor
                from %1$s t
                    cross join lateral (
                        select * from billing.movements_since(t.tenant, t.provider, t.is_test, t.realm, t.subscription,
                                                              t.since) offset 0) m
        ), was as materialized (
            select m.tenant, m.provider, m.is_test, m.realm, m.subscription, m.at, m.event_id, m.currency, m.effect,
                    m.delta_minor
                from %1$s t
                    cross join lateral (
                        select * from billing.mrr_standing m
                            where m.tenant = t.tenant and m.provider = t.provider and m.is_test = t.is_test
                                and m.realm = t.realm and m.subscription = t.subscription and m.at >= t.since
                            offset 0) m
        ), gone as (
            delete from billing.mrr_standing m
                using (select tenant, provider, is_test, realm, subscription, at, event_id, currency from was
                       except
                       select tenant, provider, is_test, realm, subscription, at, event_id, currency from now) g
                where m.tenant = g.tenant and m.provider = g.provider and m.is_test = g.is_test and m.realm = g.realm
                    and m.subscription = g.subscription and m.at = g.at and m.event_id = g.event_id
                    and m.currency = g.currency
        )
        insert into billing.mrr_standing (tenant, provider, is_test, realm, subscription, at, event_id, currency,
                effect, delta_minor)
            select * from now except select * from was
            on conflict (tenant, provider, is_test, realm, subscription, at, event_id, currency)
                do update set effect = excluded.effect, delta_minor = excluded.delta_minor
    $sql$, touched);
    execute format($sql$
        update billing.subscription_standing s
            set status = coalesce(n.status, %2$s.status), mrr_minor = coalesce(n.mrr_minor, %2$s.mrr_minor),
                currency = coalesce(n.currency, %2$s.currency), plan = coalesce(n.plan, %2$s.plan),
                quantity = coalesce(n.quantity, %2$s.quantity), customer = coalesce(n.customer, %2$s.customer),
                period_end = coalesce(n.period_end, %2$s.period_end), ends_at = n.ends_at,
                first_at = least(n.first_at, %2$s.first_at), last_at = n.last_at
            from %1$s t
                cross join lateral (
                    select * from billing.standing_since(t.tenant, t.provider, t.is_test, t.realm, t.subscription,
                                                         t.since) offset 0) n
            where s.tenant = t.tenant and s.provider = t.provider and s.is_test = t.is_test and s.realm = t.realm
                and s.id = t.subscription
    $sql$, touched, stays);
    execute $sql$
        delete from billing.subscription_standing s using told t
            where s.tenant = t.tenant and s.provider = t.provider and s.is_test = t.is_test and s.realm = t.realm
                and s.id = t.subscription and s.last_at is null
    $sql$;
    return null;
end
$$;

revoke execute on function billing.movements_since(uuid, text, boolean, text, text, timestamptz),
    billing.standing_since(uuid, text, boolean, text, text, timestamptz) from public;
grant execute on function billing.movements_since(uuid, text, boolean, text, text, timestamptz),
    billing.standing_since(uuid, text, boolean, text, text, timestamptz)
    to tollgate_billing, tollgate_operator, tollgate_console;
grant select on billing.revenue_told to tollgate_billing, tollgate_operator, tollgate_console;
