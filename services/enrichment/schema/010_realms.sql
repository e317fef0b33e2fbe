-- release 1
-- What was kept before keys had realms (008) has none, also of providers that number their objects by account or by
-- source: there the customer of an older event is another than that of a newer one, and who is erased is not all gone.
-- Each fact gets the realm of its event where that is still stored, else that of the tenant's only source of the
-- provider. Where there are several, nobody knows any more whose it was: it stays without one.
do $$
declare
    -- Of these, no realm is right.
    unique_everywhere constant text[] := array['stripe', 'shopify', 'chargify', 'razorpay', 'paddle', 'square',
                                               'gocardless', 'mollie', 'paypal'];
begin
    perform set_config('tollgate.tenant', '*', true);

    update enrichment.fact f
        set realm = case when f.provider = 'adyen' and e.account <> '' then 'account/' || e.account
                         else 'source/' || e.source end
        from archive.event e
        where f.realm = '' and f.provider <> all (unique_everywhere) and e.id = f.event_id and e.tenant = f.tenant
            -- A longer one is kept as its hash.
            and coalesce(octet_length(e.account), 0) <= 200;

    update enrichment.fact f set realm = o.realm
        from (select s.tenant, s.provider, 'source/' || min(s.slug::text) as realm from tenants.source s
                  where s.provider <> all (unique_everywhere) and s.provider <> 'adyen'
                  group by s.tenant, s.provider having count(*) = 1) o
        where f.realm = '' and f.tenant = o.tenant and f.provider = o.provider;

    -- A customer is in each realm in which there are facts of theirs, and without one where some still have none.
    insert into enrichment.customer as known (tenant, provider, customer, is_test, realm, first_at, last_at)
        select c.tenant, c.provider, c.customer, c.is_test, f.realm, min(f.at), max(f.at)
            from enrichment.customer c
            join enrichment.fact f on f.tenant = c.tenant and f.provider = c.provider and f.customer = c.customer
                and f.is_test = c.is_test and f.realm <> ''
            where c.realm = '' and c.provider <> all (unique_everywhere)
            group by 1, 2, 3, 4, 5
        on conflict (tenant, provider, customer, is_test, realm) do update
            set first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at);
    delete from enrichment.customer c
        where c.realm = '' and c.provider <> all (unique_everywhere)
            and exists (select from enrichment.customer o
                        where o.tenant = c.tenant and o.provider = c.provider and o.customer = c.customer
                            and o.is_test = c.is_test and o.realm <> '')
            and not exists (select from enrichment.fact f
                            where f.tenant = c.tenant and f.provider = c.provider and f.customer = c.customer
                                and f.is_test = c.is_test and f.realm = '');

    -- Who somebody is in the tenant's own system was said of one number: it goes where that is one customer's.
    with placed as materialized (
        select r.tenant, r.provider, r.customer, r.reference, r.told_by, r.changed_at,
                coalesce(one.realm, o.realm) as realm
            from enrichment.reference r
            left join (select c.tenant, c.provider, c.customer, min(c.realm) as realm from enrichment.customer c
                           group by 1, 2, 3 having count(distinct c.realm) = 1) one
                on one.tenant = r.tenant and one.provider = r.provider and one.customer = r.customer and one.realm <> ''
            left join (select s.tenant, s.provider, 'source/' || min(s.slug::text) as realm from tenants.source s
                           where s.provider <> 'adyen' group by s.tenant, s.provider having count(*) = 1) o
                on o.tenant = r.tenant and o.provider = r.provider
            where r.realm = '' and r.provider <> all (unique_everywhere)
                and coalesce(one.realm, o.realm) is not null
    ), put as (
        insert into enrichment.reference as known (tenant, provider, customer, realm, reference, told_by, changed_at)
            select p.tenant, p.provider, p.customer, p.realm, p.reference, p.told_by, p.changed_at from placed p
            on conflict (tenant, provider, customer, realm) do update
                set reference = excluded.reference, told_by = excluded.told_by, changed_at = excluded.changed_at
                where known.reference is null
    )
    delete from enrichment.reference r using placed p
        where r.tenant = p.tenant and r.provider = p.provider and r.customer = p.customer and r.realm = '';
end
$$;
