#include "archive/payment_events.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "archive/stretch.hpp"
#include "postgres/columns.hpp"

namespace tollgate::archive {

namespace {

using postgres::column;
using postgres::Row;
using postgres::unless_empty;

constexpr std::string_view insert_payments =
    "insert into archive.payment_event (id, tenant, source, provider, category, type, subject, customer, "
    "ordering_key, provider_time, amount_minor, currency, traceparent, data) "
    "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
    "on conflict (id) do update set tenant = excluded.tenant, source = excluded.source, "
    "provider = excluded.provider, category = excluded.category, type = excluded.type, "
    "subject = excluded.subject, customer = excluded.customer, ordering_key = excluded.ordering_key, "
    "provider_time = excluded.provider_time, amount_minor = excluded.amount_minor, "
    "currency = excluded.currency, traceparent = excluded.traceparent, data = excluded.data";

// What is read of a payment event `p` that has its length and, as `before`, how many bytes stand before it.
constexpr std::string_view given = R"sql(
    select p.id, p.tenant, p.source, p.category, p.provider_time, p.subject, p.ordering_key, p.traceparent, p.length,
           case when p.length <= $3 then p.data end
)sql";

constexpr std::string_view select_stretch = R"sql(
    {}
    from (
        select e.*, octet_length(e.data)::bigint as length,
               sum(case when octet_length(e.data) > $3 then 0 else octet_length(e.data) end)
                   over (order by e.id rows between unbounded preceding and 1 preceding) as before
        from archive.payment_event e
        where e.id between $1 and $2
        order by e.id limit $5
    ) p
    where coalesce(p.before, 0) < $4
    order by p.id
)sql";

constexpr std::string_view select_each = R"sql(
    {}
    from (
        select wanted.place, wanted.id, p.tenant, p.source, p.category, p.provider_time, p.subject, p.ordering_key,
               p.traceparent, p.data, octet_length(p.data)::bigint as length,
               sum(case when octet_length(p.data) > $3 then 0 else octet_length(p.data) end)
                   over (order by wanted.place rows between unbounded preceding and 1 preceding) as before
        from unnest($5) with ordinality as wanted(id, place)
        left join lateral (select * from archive.payment_event e
                           where e.id = wanted.id and e.id between $1 and $2 limit 1) p on true
    ) p
    where coalesce(p.before, 0) < $4
    order by p.place
)sql";

BusPayment payment_of(const Row& row) {
    const auto text = [&](std::size_t column) {
        return row.is_null(column) ? std::string{} : row.get<std::string>(column);
    };
    return {.id = row.get<Uuid>(0),
            .tenant = row.get<Uuid>(1),
            .source = row.get<std::string>(2),
            .category = row.get<std::string>(3),
            .provider_time = row.get<std::optional<Timestamp>>(4),
            .subject = text(5),
            .ordering_key = text(6),
            .traceparent = text(7),
            .length = row.get<std::int64_t>(8),
            .data = row.get<std::optional<std::string>>(9)};
}

}  // namespace

void write_payments(postgres::Transaction& transaction, std::span<const StoredPayment> payments) {
    const auto each = [payments](auto what) { return column(payments, what); };
    using Payment = StoredPayment;
    transaction.execute(
        insert_payments, each([](const Payment& payment) { return payment.id; }),
        each([](const Payment& payment) { return payment.tenant; }),
        each([](const Payment& payment) { return std::string_view{payment.source}; }),
        each([](const Payment& payment) { return std::string_view{payment.provider}; }),
        each([](const Payment& payment) { return std::string_view{payment.category}; }),
        each([](const Payment& payment) { return std::string_view{payment.type}; }),
        each([](const Payment& payment) { return unless_empty(payment.subject); }),
        each([](const Payment& payment) { return unless_empty(payment.customer); }),
        each([](const Payment& payment) { return unless_empty(payment.ordering_key); }),
        each([](const Payment& payment) { return payment.provider_time; }), each([](const Payment& payment) {
            return payment.amount ? std::optional{payment.amount->minor} : std::nullopt;
        }),
        each([](const Payment& payment) {
            return payment.amount ? std::optional<std::string_view>{payment.amount->currency} : std::nullopt;
        }),
        each([](const Payment& payment) { return unless_empty(payment.traceparent); }),
        each([](const Payment& payment) { return postgres::Bytes{payment.data}; }));
}

std::vector<std::optional<BusPayment>> read_payments_for_bus(postgres::Connection& connection,
                                                             std::span<const Uuid> ids,
                                                             const BusLimits& limits) {
    static const std::string all = fmt::format(select_stretch, given);
    static const std::string each = fmt::format(select_each, given);
    const StretchRows read = read_stretch(
        ids,
        [&](const IdRange& range, std::int64_t most) {
            return connection.execute(all, range.first, range.last, limits.body_max, limits.bytes_max, most);
        },
        [&](const IdRange& range) {
            return connection.execute(each, range.first, range.last, limits.body_max, limits.bytes_max, ids);
        });
    std::vector<std::optional<BusPayment>> payments;
    payments.reserve(read.places.size());
    for (const std::size_t place : read.places) {
        const Row row = read.rows[place];
        payments.push_back(row.is_null(1) ? std::nullopt : std::optional{payment_of(row)});
    }
    return payments;
}

}  // namespace tollgate::archive
