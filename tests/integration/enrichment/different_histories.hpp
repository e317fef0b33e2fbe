// How many facts have another history when it is reckoned among all that are stored than when it is by
// itself.
#pragma once

#include <string_view>

namespace tollgate::test {

inline constexpr std::string_view different_histories = R"sql(
with asked as (
    select row_number() over (order by event_id) as place, *, coalesce(customer, 'cus_1') as whose from enrichment.fact
), alone as (
    select a.place, p.payments, p.failures, p.disputes, p.last_payment, v.minor from asked a
        cross join lateral enrichment.profile(a.tenant, a.provider, a.whose, a.is_test, a.at, a.kind, a.object) p
        left join lateral (select min(v.paid_minor - v.refunded_minor) as minor
                           from enrichment.value(a.tenant, a.provider, a.whose, a.is_test, a.at, a.kind, a.object) v
                           having count(*) = 1) v on true
), columns as (
    select array_agg(tenant order by place) t, array_agg(provider order by place) p, array_agg(customer order by place) c,
            array_agg(payment order by place) m, array_agg(is_test order by place) i, array_agg(at order by place) u,
            array_agg(kind order by place) k, array_agg(object order by place) o, array_agg(null::text) n from asked
), together as (
    select h.* from columns b cross join lateral enrichment.histories(b.t, b.p, b.c, b.m, b.i, b.u, b.k, b.o, b.n) h
)
select count(*) from alone a full join together t using (place)
    where (a.payments, a.failures, a.disputes, a.last_payment, a.minor)
        is distinct from (t.paid, t.failed, t.disputed, t.last_payment, t.minor)
)sql";

}  // namespace tollgate::test
