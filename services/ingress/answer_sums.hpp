// What all processes of ingress have answered with 200, as they wrote it down: for who balances the books.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "ingress/answer_counts.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::ingress {

// Of the tenants that the transaction may see, of all processes together.
std::vector<AnswerCount> sum_answers(postgres::Transaction& tx, Timestamp hour);

// Events of the hour of which the sender was told 503, and that may be stored.
struct DoubtCount {
    std::int64_t known = 0;   // by their ids
    std::int64_t stored = 0;  // of these
};
std::map<Uuid, DoubtCount> count_doubts(postgres::Transaction& tx, Timestamp hour);

// Events of the hour that conflict with another, and on which nobody has decided.
std::map<Uuid, std::int64_t> count_conflicts(postgres::Transaction& tx, Timestamp hour);

struct AnsweringProcess {
    Uuid process;
    Timestamp started_at;
    Timestamp counted_until;  // what it answered after that is not counted
    std::optional<Timestamp> stopped_at;

    // So long a process that says nothing may have gone on answering.
    static constexpr std::chrono::minutes silence_counts_for{1};
    Timestamp gap_until() const { return counted_until + silence_counts_for; }

    // It was killed, or is cut off from the database: what it answered after `counted_until` is not known.
    bool fell_silent(Timestamp now) const;
};
// Those that ran at some time in between, or whose gap would be there; the earliest first.
std::vector<AnsweringProcess> list_answering(postgres::Transaction& tx, Timestamp since, Timestamp until);
// Since when answers are counted at all; none yet.
std::optional<Timestamp> answers_counted_since(postgres::Transaction& tx);

}  // namespace tollgate::ingress
