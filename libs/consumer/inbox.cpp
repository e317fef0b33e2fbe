#include "consumer/inbox.hpp"

#include <vector>

#include "postgres/error.hpp"

namespace tollgate::consumer {

namespace {

std::unordered_set<Uuid> ids_of(const postgres::Rows& rows) {
    std::unordered_set<Uuid> ids;
    ids.reserve(rows.size());
    for (const auto row : rows) ids.insert(row.get<Uuid>(0));
    return ids;
}

}  // namespace

std::unordered_set<Uuid> claim(postgres::Transaction& tx, const Worker& worker, std::span<const Task> tasks) {
    if (tasks.empty()) return {};
    std::vector<Uuid> ids;
    std::vector<Uuid> tenants;
    ids.reserve(tasks.size());
    tenants.reserve(tasks.size());
    for (const Task& task : tasks) {
        ids.push_back(task.id);
        tenants.push_back(task.message->tenant.value_or(nobody));
    }
    // In the order of the ids: two members that bring the same ones wait for each other, and not in a circle.
    return ids_of(tx.execute(
        "insert into consumer.inbox (consumer, message_id, tenant) "
        "select $1, m.id, m.tenant from unnest($2::uuid[], $3::uuid[]) m(id, tenant) order by m.id "
        "on conflict do nothing returning message_id",
        worker.consumer, ids, tenants));
}

Result<std::unordered_set<Uuid>> known(postgres::Connection& connection, const Worker& worker,
                                       std::span<const Task> tasks) {
    std::vector<Uuid> ids;
    ids.reserve(tasks.size());
    for (const Task& task : tasks) ids.push_back(task.id);
    try {
        return ids_of(
            connection.execute("select i.message_id from unnest($2::uuid[]) m(id) cross join lateral "
                               "(select message_id from consumer.inbox i where i.consumer = $1 and "
                               "i.message_id = m.id limit 1) i",
                               worker.consumer, ids));
    } catch (const postgres::SqlError& error) {
        return std::unexpected{error.error()};
    }
}

}  // namespace tollgate::consumer
