#include "archive/days.hpp"

#include <algorithm>

#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::archive {

using postgres::Connection;
using postgres::Transaction;

Result<int> make_days(Connection& connection, int ahead) {
    return transact(connection, [&](Transaction& tx) -> int {
        return tx.execute("select archive.make_days($1)", std::int32_t{ahead}).only().get<std::int32_t>(0);
    });
}

Result<void> make_day_of(Connection& connection, const Uuid& id) {
    const auto made = transact(connection, [&](Transaction& tx) {
        return tx.execute("select archive.make_day_of($1)", id).only().get<bool>(0);
    });
    if (!made) return std::unexpected{made.error()};
    if (*made) {
        telemetry::log::warning("a day that should have been made ahead was missing",
                                {{"event_id", id.text()}});
    }
    return {};
}

std::vector<Uuid> make_ids_of_one_day(std::size_t count, const std::function<Uuid()>& make_id) {
    const auto day_of = [](const Uuid& id) { return std::chrono::floor<std::chrono::days>(time_of(id)); };
    std::vector<Uuid> ids(count);
    do {
        for (Uuid& id : ids) id = make_id();
    } while (!ids.empty() && (day_of(ids.front()) != day_of(ids.back()) || !std::ranges::is_sorted(ids)));
    return ids;
}

}  // namespace tollgate::archive
