#include "consumer/waiting.hpp"

#include <algorithm>

#include "core/uuid.hpp"

namespace tollgate::consumer {

using postgres::Row;
using postgres::Transaction;

std::string Waiting::text() const {
    if (number == 0 && has_more) return "?";
    return fmt::format("{}{}", number, has_more ? "+" : "");
}

Waiting count_waiting(Transaction& tx, const std::string& consumer, Timestamp before) {
    const auto rows = tx.execute("select number, has_more, oldest from consumer.count_waiting($1, $2, $3)",
                                 consumer, before, waiting_counted_max);
    if (rows.empty()) return {};
    const auto [number, has_more, oldest] = rows.only().as<std::int64_t, bool, std::optional<Uuid>>();
    Waiting waiting{.number = std::min(number, waiting_counted_max),
                    .has_more = has_more || number > waiting_counted_max,
                    .oldest = std::nullopt};
    if (oldest) waiting.oldest = time_of(*oldest);
    return waiting;
}

// Postgres cuts longer names off.
std::map<std::string, std::int64_t> count_connections(Transaction& tx) {
    std::map<std::string, std::int64_t> by_consumer;
    for (const Row row :
         tx.execute("select c.name, count(a.pid) from consumer.consumer c "
                    "left join pg_stat_activity a on a.application_name = left('tollgate ' || c.name, 63) "
                    "and a.datid = (select d.oid from pg_database d where d.datname = current_database()) "
                    "group by c.name")) {
        by_consumer.emplace(row.get<std::string>(0), row.get<std::int64_t>(1));
    }
    return by_consumer;
}

}  // namespace tollgate::consumer
