#include "ingress/answer_sums.hpp"

#include <chrono>

namespace tollgate::ingress {

namespace {

using postgres::Row;
using postgres::Transaction;

// It writes once a second, more seldom where there is much to write.
constexpr std::chrono::seconds silence_max{30};

}  // namespace

bool AnsweringProcess::fell_silent(Timestamp now) const {
    return !stopped_at && now - counted_until > silence_max;
}

std::vector<AnswerCount> sum_answers(Transaction& tx, Timestamp hour) {
    std::vector<AnswerCount> sums;
    for (const Row row : tx.execute(
             "select tenant, sum(accepted)::bigint, sum(held)::bigint, sum(duplicates)::bigint, "
             "sum(in_doubt)::bigint from ingress.answered where hour = $1 group by tenant order by tenant",
             hour)) {
        sums.push_back({.hour = hour,
                        .tenant = row.get<Uuid>(0),
                        .accepted = row.get<std::int64_t>(1),
                        .held = row.get<std::int64_t>(2),
                        .duplicates = row.get<std::int64_t>(3),
                        .in_doubt = row.get<std::int64_t>(4)});
    }
    return sums;
}

std::map<Uuid, DoubtCount> count_doubts(Transaction& tx, Timestamp hour) {
    std::map<Uuid, DoubtCount> doubts;
    for (const Row row : tx.execute("select tenant, known, stored from ingress.doubts_of($1)", hour)) {
        doubts.emplace(row.get<Uuid>(0),
                       DoubtCount{.known = row.get<std::int64_t>(1), .stored = row.get<std::int64_t>(2)});
    }
    return doubts;
}

std::map<Uuid, std::int64_t> count_conflicts(Transaction& tx, Timestamp hour) {
    std::map<Uuid, std::int64_t> conflicts;
    for (const Row row : tx.execute("select tenant, count(*) from ingress.held where state = 'held' "
                                    "and event_id >= $1 and event_id < $2 group by tenant",
                                    first_uuid_v7_at(hour), first_uuid_v7_at(hour + std::chrono::hours{1})))
        conflicts.emplace(row.get<Uuid>(0), row.get<std::int64_t>(1));
    return conflicts;
}

std::vector<AnsweringProcess> list_answering(Transaction& tx, Timestamp since, Timestamp until) {
    std::vector<AnsweringProcess> all;
    for (const Row row :
         tx.execute("select process, started_at, counted_until, stopped_at from ingress.process "
                    "where counted_until >= $1 and started_at < $2 order by started_at, process",
                    since - AnsweringProcess::silence_counts_for, until)) {
        all.push_back({.process = row.get<Uuid>(0),
                       .started_at = row.get<Timestamp>(1),
                       .counted_until = row.get<Timestamp>(2),
                       .stopped_at = row.get<std::optional<Timestamp>>(3)});
    }
    return all;
}

std::optional<Timestamp> answers_counted_since(Transaction& tx) {
    return tx.execute("select min(started_at) from ingress.process").only().get<std::optional<Timestamp>>(0);
}

}  // namespace tollgate::ingress
