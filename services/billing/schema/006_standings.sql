-- release 1
-- How subscriptions stand and how revenue moved, as the views reckon it, kept for who asks: written with each fact that
-- changes it, so that no report reads all facts there ever were.

create table billing.subscription_standing (
    tenant uuid not null,
    provider text not null,
    is_test boolean not null,
    realm text not null,
    id text not null,
    status text,
    mrr_minor bigint,
    currency text,
    plan text,
    quantity integer,
    customer text,
    period_end timestamptz,
    ends_at timestamptz,
    first_at timestamptz,                -- null only until its facts are read
    last_at timestamptz,
    primary key (tenant, provider, is_test, realm, id)
);
create index on billing.subscription_standing (tenant, is_test, last_at desc, id);
create index on billing.subscription_standing (tenant, customer) where customer is not null;
create index on billing.subscription_standing (id);

create table billing.mrr_standing (
    tenant uuid not null,
    provider text not null,
    is_test boolean not null,
    realm text not null,
    subscription text not null,
    event_id uuid not null,
    currency text not null,
    at timestamptz not null,
    effect text not null,
    delta_minor bigint not null,
    primary key (tenant, provider, is_test, realm, subscription, event_id, currency)
);

select set_config('tollgate.tenant', '*', true);
insert into billing.subscription_standing (tenant, provider, is_test, realm, id, status, mrr_minor, currency, plan,
        quantity, customer, period_end, ends_at, first_at, last_at)
    select tenant, provider, is_test, realm, id, status, mrr_minor, currency, plan, quantity, customer, period_end,
            ends_at, first_at, last_at
        from billing.subscription;
insert into billing.mrr_standing (tenant, provider, is_test, realm, subscription, event_id, currency, at, effect,
        delta_minor)
    select tenant, provider, is_test, realm, subscription, event_id, currency, at, effect, delta_minor
        from billing.mrr_movement;

-- Of all subscriptions that some facts have come to, or gone from. They are held first, one after the other in one
-- order: who is told of one at the same time waits, and then sees these facts too. Each statement is planned anew: a
-- plan that was made for a few rows, and is kept as long as the connection is, is no plan for many. `offset 0` has the
-- views asked for each subscription: without it they would be joined, and reckoned over all facts there ever were.
create function billing.stand_anew() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
    execute $sql$
        update billing.subscription_fact f set is_followed = not f.is_followed
            where (f.tenant, f.provider, f.is_test, f.realm, f.subscription, f.at)
                    in (select t.tenant, t.provider, t.is_test, t.realm, t.subscription, t.at from told t)
                and f.is_followed is distinct from exists (
                    select from billing.subscription_fact next
                        where next.tenant = f.tenant and next.provider = f.provider and next.is_test = f.is_test
                            and next.realm = f.realm and next.subscription = f.subscription and next.at = f.at
                            and next.version = f.version and next.rank = f.rank and next.before_minor = f.mrr_minor
                            and next.currency = f.currency and next.mrr_minor <> f.mrr_minor)
    $sql$;
    execute $sql$
        delete from billing.mrr_standing m
            using (select distinct t.tenant, t.provider, t.is_test, t.realm, t.subscription from told t) t
            where m.tenant = t.tenant and m.provider = t.provider and m.is_test = t.is_test and m.realm = t.realm
                and m.subscription = t.subscription
    $sql$;
    execute $sql$
        insert into billing.mrr_standing (tenant, provider, is_test, realm, subscription, event_id, currency, at,
                effect, delta_minor)
            select m.tenant, m.provider, m.is_test, m.realm, m.subscription, m.event_id, m.currency, m.at, m.effect,
                    m.delta_minor
                from (select distinct t.tenant, t.provider, t.is_test, t.realm, t.subscription from told t) t
                    cross join lateral (
                        select * from billing.mrr_movement m
                            where m.tenant = t.tenant and m.provider = t.provider and m.is_test = t.is_test
                                and m.realm = t.realm and m.subscription = t.subscription offset 0) m
    $sql$;
    execute $sql$
        update billing.subscription_standing s
            set status = n.status, mrr_minor = n.mrr_minor, currency = n.currency, plan = n.plan, quantity = n.quantity,
                customer = n.customer, period_end = n.period_end, ends_at = n.ends_at, first_at = n.first_at,
                last_at = n.last_at
            from (select distinct t.tenant, t.provider, t.is_test, t.realm, t.subscription from told t) t
                left join lateral (
                    select * from billing.subscription v
                        where v.tenant = t.tenant and v.provider = t.provider and v.is_test = t.is_test
                            and v.realm = t.realm and v.id = t.subscription offset 0) n on true
            where s.tenant = t.tenant and s.provider = t.provider and s.is_test = t.is_test and s.realm = t.realm
                and s.id = t.subscription
    $sql$;
    execute $sql$
        delete from billing.subscription_standing s using told t
            where s.tenant = t.tenant and s.provider = t.provider and s.is_test = t.is_test and s.realm = t.realm
                and s.id = t.subscription and s.last_at is null
    $sql$;
    return null;
end
$$;
create trigger told_of after insert on billing.subscription_fact
    referencing new table as told for each statement execute function billing.stand_anew();
create trigger not_told_of after delete on billing.subscription_fact
    referencing old table as told for each statement execute function billing.stand_anew();

create index on billing.payment (tenant, customer, id desc) where customer is not null;

-- More than this nobody has; a sum beyond it is told as this, so that one tenant's nonsense stops nobody's report.
create function billing.at_most(sum numeric) returns bigint
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
    select least(greatest(sum, -9223372036854775808), 9223372036854775807)::bigint
$$;
create or replace view billing.balance with (security_invoker = true) as
    select e.tenant, e.is_test, e.currency, side.account, billing.at_most(sum(side.minor)) as balance_minor
        from billing.entry e
            cross join lateral (values (e.debit, e.amount_minor), (e.credit, -e.amount_minor)) side(account, minor)
        group by e.tenant, e.is_test, e.currency, side.account;

revoke execute on function billing.at_most(numeric), billing.stand_anew() from public;
grant execute on function billing.at_most(numeric) to tollgate_billing, tollgate_operator, tollgate_console;
grant select, insert, update, delete on billing.subscription_standing, billing.mrr_standing to tollgate_billing;
grant select on billing.subscription, billing.mrr_movement to tollgate_billing;
grant select on billing.subscription_standing, billing.mrr_standing to tollgate_operator, tollgate_console;

do $$
declare
    of_tenants constant text[] := array['subscription_standing', 'mrr_standing'];
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
