#include "consumer/begun.hpp"

#include "postgres/error.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

using postgres::SqlError;

Result<void> begin_with(postgres::Connection& connection, const Worker& worker, std::span<const Uuid> ids,
                        std::int32_t crashes) {
    try {
        connection.execute("select consumer.begin_with($1, $2, $3, $4)", worker.consumer, worker.member, ids,
                           crashes);
        return {};
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

void end_of_begun(postgres::Transaction& tx, const Worker& worker) {
    tx.execute(
        "update consumer.begun set message_ids = '{}', crashes = 0, at = clock_timestamp() "
        "where consumer = $1 and member = $2",
        worker.consumer, worker.member);
}

Result<void> tell_alive(postgres::Connection& connection, const Worker& worker) {
    return postgres::transact(connection, [&](postgres::Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        tx.execute(
            "insert into consumer.begun (consumer, member, message_ids) values ($1, $2, '{}') "
            "on conflict (consumer, member) do update set at = clock_timestamp()",
            worker.consumer, worker.member);
    });
}

Result<void> rest(postgres::Connection& connection, const Worker& worker) {
    return postgres::transact(connection, [&](postgres::Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        end_of_begun(tx, worker);
        tx.execute(
            "update consumer.work set begun_by = null, begun_until = null, begun_alone = false "
            "where consumer = $1 and begun_by = $2",
            worker.consumer, worker.member);
    });
}

Result<LeftOpen> left_open(postgres::Connection& connection, const Worker& worker,
                           std::chrono::milliseconds silence) {
    return postgres::transact(connection, [&](postgres::Transaction& tx) {
        LeftOpen open;
        const auto rows = tx.execute("select message_id, alone, crashes from consumer.left_open($1, $2)",
                                     worker.consumer, worker.member);
        for (const auto row : rows) {
            const auto [id, alone, crashes] = row.as<Uuid, bool, std::int32_t>();
            open[id].crashes = alone ? crashes + 1 : 0;
        }
        const auto at_work = tx.execute(
            "select distinct unnest(message_ids) from consumer.begun where consumer = $1 and member <> $2 "
            "and at > clock_timestamp() - $3 * interval '1 millisecond'",
            worker.consumer, worker.member, static_cast<std::int64_t>(silence.count()));
        for (const auto row : at_work) {
            if (const auto found = open.find(row.get<Uuid>(0)); found != open.end())
                found->second.may_be_alive = true;
        }
        return open;
    });
}

}  // namespace tollgate::consumer
