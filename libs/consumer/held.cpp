#include "consumer/held.hpp"

namespace tollgate::consumer {

std::int64_t pace_held(postgres::Transaction& tx, std::string_view consumer, const Uuid& tenant,
                       std::string_view cause, std::chrono::microseconds apart) {
    const auto paced = tx.execute(
        "with waiting as materialized (select message_id, due_at from consumer.work where consumer = $1 "
        "and tenant = $2 and state = 'held' and hold = $3 and due_at is not null and begun_by is null "
        "for update skip locked), "
        "placed as (select message_id, row_number() over (order by due_at, message_id) - 1 as place "
        "from waiting) "
        "update consumer.work w set due_at = clock_timestamp() + p.place * $4 * interval '1 microsecond', "
        "changed_at = clock_timestamp() from placed p where w.consumer = $1 and w.message_id = p.message_id",
        consumer, tenant, cause, std::int64_t{apart.count()});
    return static_cast<std::int64_t>(paced.affected());
}

}  // namespace tollgate::consumer
