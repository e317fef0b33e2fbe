-- release 1
-- A batch of facts reads those of its own subscriptions, and no others.

-- Of all subscriptions that some facts have come to, or gone from. They are held first, one after the other in one
-- order: who is told of one at the same time waits, and then sees these facts too. Each statement is planned anew: a
-- plan that was made for a few rows, and is kept as long as the connection is, is no plan for many. `offset 0` has the
-- views asked for each subscription: without it they would be joined, and reckoned over all facts there ever were.
create or replace function billing.stand_anew() returns trigger
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
