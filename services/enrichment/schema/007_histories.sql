-- release 1
-- The histories of all customers that a batch's events are about, at once. As profile() and value() reckon one: those
-- are for who asks for a single customer, and a call of them for each event takes a hundred times as long.
create function enrichment.histories(tenants uuid[], providers text[], customers text[], payments text[],
                                     tests boolean[], untils timestamptz[], kinds text[], objects text[],
                                     currencies text[])
returns table (place bigint, first_at timestamptz, currency text, minor bigint, paid integer, failed integer,
               disputed integer, last_payment timestamptz, percentile integer)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with asked as materialized (
        -- A refund that names no customer is of whose payment it is.
        select w.place, w.tenant, w.provider, w.is_test, w.until, w.kind, w.object, w.currency,
                coalesce(w.customer, (select min(f.customer) from enrichment.fact f
                                      where f.tenant = w.tenant and f.provider = w.provider and f.payment = w.payment
                                          and f.is_test = w.is_test)) as customer
            from unnest(tenants, providers, customers, payments, tests, untils, kinds, objects, currencies)
                with ordinality w(tenant, provider, customer, payment, is_test, until, kind, object, currency, place)
    ), who as materialized (
        select distinct a.tenant, a.provider, a.customer, a.is_test from asked a where a.customer is not null
    ), own as materialized (
        select w.customer as whose, f.* from who w join enrichment.fact f
            on f.tenant = w.tenant and f.provider = w.provider and f.customer = w.customer and f.is_test = w.is_test
    ), facts as materialized (
        select * from own
        union all
        select p.whose, f.*
            from (select distinct o.tenant, o.provider, o.is_test, o.whose, o.payment from own o
                      where o.payment is not null) p
            join enrichment.fact f on f.tenant = p.tenant and f.provider = p.provider and f.payment = p.payment
                and f.is_test = p.is_test and f.customer is null
    ), theirs as materialized (
        -- Up to the event's time, and without the fact that it tells itself.
        select a.place, f.kind, f.object, f.payment, f.at, f.version, f.amount_minor, f.currency, f.refunded_minor
            from asked a join facts f
                on f.tenant = a.tenant and f.provider = a.provider and f.is_test = a.is_test and f.whose = a.customer
            where f.at <= a.until and (f.kind, f.object) <> (a.kind, a.object)
    ), told as (
        select t.place, t.kind, t.object, max(t.at) as at from theirs t group by t.place, t.kind, t.object
    ), counted as (
        select t.place, count(*) filter (where t.kind = 'payment')::integer as paid,
                count(*) filter (where t.kind = 'failure')::integer as failed,
                count(*) filter (where t.kind = 'dispute')::integer as disputed,
                max(t.at) filter (where t.kind = 'payment') as last_payment
            from told t group by t.place
    ), payment as (
        select distinct on (t.place, t.object) t.place, t.object, t.amount_minor, t.currency from theirs t
            where t.kind = 'payment' and t.amount_minor is not null
            order by t.place, t.object, t.at desc, t.version desc, t.amount_minor desc, t.currency
    ), failed_refund as materialized (
        select distinct t.place, t.object, t.payment from theirs t where t.kind = 'failed_refund'
    ), part as (
        select distinct on (t.place, t.payment, t.object) t.place, t.payment, t.amount_minor, t.currency from theirs t
            where t.kind = 'refund' and t.refunded_minor is null and t.amount_minor is not null
                and not exists (select from failed_refund x where x.place = t.place and x.object = t.object)
            order by t.place, t.payment, t.object, t.at desc, t.version desc, t.amount_minor desc, t.currency
    ), parts as (
        select p.place, p.payment, p.currency, sum(p.amount_minor) as minor from part p group by 1, 2, 3
    ), whole as (
        select distinct on (t.place, t.payment) t.place, t.payment, t.refunded_minor from theirs t
            where t.kind = 'refund' and t.refunded_minor is not null
                and not exists (select from failed_refund x where x.place = t.place and x.payment = t.payment)
            order by t.place, t.payment, t.at desc, t.version desc, t.refunded_minor desc
    ), value as (
        select p.place, p.currency,
                least(sum(p.amount_minor), 9223372036854775807)::bigint
                    - least(sum(least(p.amount_minor, greatest(r.minor, w.refunded_minor, 0))), 9223372036854775807)::bigint
                    as minor
            from payment p
            left join parts r on r.place = p.place and r.payment = p.object and r.currency = p.currency
            left join whole w on w.place = p.place and w.payment = p.object
            group by p.place, p.currency
    ), worth as (
        -- Nothing where several currencies could be meant.
        select a.place, min(v.currency) as currency, min(v.minor) as minor from asked a join value v on v.place = a.place
            where a.currency is null or v.currency = a.currency
            group by a.place having count(*) = 1
    )
    select a.place, s.first_at, v.currency, v.minor, coalesce(c.paid, 0), coalesce(c.failed, 0),
            coalesce(c.disputed, 0), c.last_payment, 1 + width_bucket(v.minor - 1, b.bounds)
        from asked a
        join enrichment.customer s on s.tenant = a.tenant and s.provider = a.provider and s.customer = a.customer
            and s.is_test = a.is_test
        left join counted c on c.place = a.place
        left join worth v on v.place = a.place
        left join enrichment.value_bounds b on b.tenant = a.tenant and b.is_test = a.is_test and b.currency = v.currency
$$;
revoke execute on function enrichment.histories(uuid[], text[], text[], text[], boolean[], timestamptz[], text[], text[],
                                                text[]) from public;
grant execute on function enrichment.histories(uuid[], text[], text[], text[], boolean[], timestamptz[], text[], text[],
                                               text[]) to tollgate_enrichment;
