#include "consumer/due_claims.hpp"

#include <string_view>

#include "consumer/work_row.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;

// One whose process ended in the middle of it. It is run alone from now on.
constexpr std::string_view claim_left_open =
    "update consumer.work set begun_by = $2, begun_until = clock_timestamp() + $3, begun_alone = true, "
    "crashes = crashes + begun_alone::integer where (consumer, message_id) in "
    "(select consumer, message_id from consumer.work w where consumer = $1 and begun_by <> $2 "
    "and begun_until < clock_timestamp() and due_at <= clock_timestamp() "
    "and not exists (select from consumer.begun b where b.consumer = w.consumer and b.member = w.begun_by "
    "and b.at > clock_timestamp() - $4) limit 1 for update skip locked) "
    "returning {}, attempt, cause, crashes, "
    "(extract(epoch from case when attempt > 0 then clock_timestamp() - since else '0' end) * 1000)::bigint";

// Found one after the other in the index of what is due.
constexpr std::string_view tenants_with_rows =
    "with recursive tenant (id) as ("
    "  (select tenant from consumer.work where consumer = $1 and due_at is not null order by tenant limit 1) "
    "  union all select (select w.tenant from consumer.work w where w.consumer = $1 and w.due_at is not null "
    "    and w.tenant > t.id order by w.tenant limit 1) from tenant t where t.id is not null"
    ")";

constexpr std::string_view any_due =
    " select exists (select from tenant t cross join lateral (select from consumer.work w "
    "  where w.consumer = $1 and w.tenant = t.id and w.due_at <= clock_timestamp() limit 1) due)";

// The oldest of each tenant in turn.
constexpr std::string_view claim_due =
    "{0}, due as ("
    "  select w.message_id, w.due_at, row_number() over (partition by t.id order by w.due_at) as turn "
    "  from tenant t cross join lateral (select message_id, due_at from consumer.work "
    "    where consumer = $1 and tenant = t.id and due_at <= clock_timestamp() "
    "    and (begun_by is null or begun_by = $2) order by due_at "
    "    limit 1 + $4 / greatest((select count(id) from tenant), 1)) w where t.id is not null"
    "), chosen as ("
    "  select w.message_id from consumer.work w where w.consumer = $1 and w.message_id in "
    "    (select message_id from due order by turn, due_at limit $4) "
    "  and w.due_at <= clock_timestamp() and (w.begun_by is null or w.begun_by = $2) "
    "  order by w.message_id for update skip locked"
    ") update consumer.work set begun_by = $2, begun_until = clock_timestamp() + $3, "
    "begun_alone = (select count(*) from chosen) = 1 "
    "where consumer = $1 and message_id in (select message_id from chosen) "
    "returning {1}, attempt, cause, crashes, "
    "(extract(epoch from case when attempt > 0 then clock_timestamp() - since else '0' end) * 1000)::bigint";

Cause cause_of(std::string_view word) {
    if (word == name(Cause::replay)) return Cause::replay;
    return word == name(Cause::redo) ? Cause::redo : Cause::stream;
}

DueRow row_of(const postgres::Row& row) {
    constexpr std::size_t attempt = 9;  // behind the columns of the message
    DueRow made{.message = message_of(row, 0)};
    made.task = {.id = *made.message.id,
                 .attempt = row.get<std::int32_t>(attempt) + 1,
                 .cause = cause_of(row.get<std::string_view>(attempt + 1)),
                 .was_set_aside = true};
    made.crashes = row.get<std::int32_t>(attempt + 2);
    made.tried_for = std::chrono::milliseconds{row.get<std::int64_t>(attempt + 3)};
    return made;
}

}  // namespace

Result<bool> is_any_due(postgres::Connection& connection, std::string_view consumer) {
    try {
        return connection.execute(fmt::format("{}{}", tenants_with_rows, any_due), consumer)
            .only()
            .get<bool>(0);
    } catch (const postgres::SqlError& error) {
        return std::unexpected{error.error()};
    }
}

Result<Claimed> claim_rows(postgres::Connection& connection, const Worker& worker, const Claim& claim) {
    return postgres::transact(connection, [&](Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        Claimed claimed;
        const auto take = [&](const postgres::Rows& found) {
            for (const auto row : found) claimed.rows.push_back(row_of(row));
        };
        if (claim.left_open_after) {
            take(tx.execute(fmt::format(fmt::runtime(claim_left_open), message_columns), worker.consumer,
                            worker.member, claim.length, *claim.left_open_after));
        }
        claimed.were_left_open = !claimed.rows.empty();
        if (claimed.were_left_open) return claimed;
        take(tx.execute(fmt::format(fmt::runtime(claim_due), tenants_with_rows, message_columns),
                        worker.consumer, worker.member, claim.length,
                        static_cast<std::int64_t>(claim.rows_max)));
        return claimed;
    });
}

}  // namespace tollgate::consumer
