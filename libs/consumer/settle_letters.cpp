#include "consumer/settle_letters.hpp"

#include <map>

#include "consumer/deeds.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

Result<void> admit(Transaction& tx, const Actor& actor, const LetterFilter& filter, std::string_view reason) {
    if (auto admitted = admit_to_letters(tx, actor, Role::operator_, filter); !admitted) return admitted;
    if (!filter.ids.empty() && !filter.consumer)
        return fail(ErrorCode::invalid, "of which consumer? An id is the same for all: give --consumer");
    if (filter.state == "discarded") return fail(ErrorCode::invalid, "they are discarded already");
    return require_reason(reason);
}

void settle_refused(Transaction& tx, const std::vector<std::int64_t>& entries, bool append_again,
                    CountByTenant& counts) {
    if (entries.empty()) return;
    for (const auto row : tx.execute("select * from consumer.settle_refused($1, $2)", entries, append_again))
        ++counts[row.get<Uuid>(0)];
}

// Nobody settles, runs or replays it meanwhile: what is not as we saw it is left alone.
void discard_work(Transaction& tx, const std::string& consumer, const std::vector<Uuid>& ids,
                  const std::string& state, CountByTenant& counts) {
    for (const auto row :
         tx.execute("update consumer.work set state = 'discarded', hold = null, due_at = null, "
                    "changed_at = clock_timestamp() where consumer = $1 and message_id in "
                    "(select message_id from consumer.work where consumer = $1 and message_id = any ($2) "
                    "and state not in ('discarded', 'done') and ($3 = '' or state = $3) and begun_by is null "
                    "order by message_id for update) returning tenant",
                    consumer, ids, state))
        ++counts[row.get<Uuid>(0)];
}

Settled record(Transaction& tx, const Actor& actor, std::string_view verb, const LetterFilter& filter,
               std::string_view reason, const CountByTenant& counts) {
    Settled settled;
    for (const auto& [tenant, count] : counts) settled.settled += count;
    if (!filter.ids.empty())
        settled.left =
            std::max<std::int64_t>(0, static_cast<std::int64_t>(filter.ids.size()) - settled.settled);
    record_by_tenant(tx, actor, {.verb = verb, .arguments = to_json(filter), .reason = reason}, "messages",
                     counts);
    return settled;
}

}  // namespace

Result<void> require_reason(std::string_view reason) {
    if (reason.empty()) return fail(ErrorCode::invalid, "say why with --reason: it stays in the audit log");
    return {};
}

Result<Settled> discard_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                std::string_view reason) {
    if (const auto admitted = admit(tx, actor, filter, reason); !admitted)
        return std::unexpected{admitted.error()};
    std::map<std::string, std::vector<Uuid>> work;
    std::vector<std::int64_t> refused;
    for (const Letter& letter : find_letters(tx, filter)) {
        if (letter.refused) {
            refused.push_back(*letter.refused);
        } else {
            work[letter.consumer].push_back(letter.id);
        }
    }
    CountByTenant counts;
    for (const auto& [consumer, ids] : work) discard_work(tx, consumer, ids, filter.state, counts);
    settle_refused(tx, refused, false, counts);
    return record(tx, actor, "dead-letter discard", filter, reason, counts);
}

Result<Settled> append_refused(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                               std::string_view reason) {
    if (const auto admitted = admit(tx, actor, filter, reason); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<std::int64_t> refused;
    for (const Letter& letter : find_letters(tx, filter)) {
        if (letter.refused) refused.push_back(*letter.refused);
    }
    CountByTenant counts;
    settle_refused(tx, refused, true, counts);
    return record(tx, actor, "dead-letter replay", filter, reason, counts);
}

}  // namespace tollgate::consumer
