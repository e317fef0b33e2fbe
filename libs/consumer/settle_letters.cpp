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

// One after the other: what somebody else has settled meanwhile is not there.
void settle_refused(Transaction& tx, const std::vector<Letter>& entries, bool append_again,
                    EventsByTenant& events) {
    for (const Letter& entry : entries) {
        const std::vector<std::int64_t> only{entry.refused.value()};
        if (!tx.execute("select * from consumer.settle_refused($1, $2)", only, append_again).empty())
            events[entry.tenant].push_back(entry.id);
    }
}

// Nobody settles, runs or replays it meanwhile: what is not as we saw it is left alone.
void discard_work(Transaction& tx, const std::string& consumer, const std::vector<Uuid>& ids,
                  const std::string& state, EventsByTenant& events) {
    for (const auto row :
         tx.execute("update consumer.work set state = 'discarded', hold = null, due_at = null, "
                    "changed_at = clock_timestamp() where consumer = $1 and message_id in "
                    "(select message_id from consumer.work where consumer = $1 and message_id = any ($2) "
                    "and state not in ('discarded', 'done') and ($3 = '' or state = $3) and begun_by is null "
                    "order by message_id for update) returning tenant, message_id",
                    consumer, ids, state))
        events[row.get<Uuid>(0)].push_back(row.get<Uuid>(1));
}

Settled record(Transaction& tx, const Actor& actor, std::string_view verb, const LetterFilter& filter,
               std::string_view reason, const EventsByTenant& events) {
    Settled settled;
    for (const auto& [tenant, ids] : events) settled.settled += std::ssize(ids);
    if (!filter.ids.empty())
        settled.left =
            std::max<std::int64_t>(0, static_cast<std::int64_t>(filter.ids.size()) - settled.settled);
    record_events(tx, actor, {.verb = verb, .arguments = to_json(filter), .reason = reason}, "messages",
                  events);
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
    std::vector<Letter> refused;
    for (const Letter& letter : find_letters(tx, filter)) {
        if (letter.refused) {
            refused.push_back(letter);
        } else {
            work[letter.consumer].push_back(letter.id);
        }
    }
    EventsByTenant events;
    for (const auto& [consumer, ids] : work) discard_work(tx, consumer, ids, filter.state, events);
    settle_refused(tx, refused, false, events);
    return record(tx, actor, "dead-letter discard", filter, reason, events);
}

Result<Settled> append_refused(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                               std::string_view reason) {
    if (const auto admitted = admit(tx, actor, filter, reason); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<Letter> refused;
    for (const Letter& letter : find_letters(tx, filter)) {
        if (letter.refused) refused.push_back(letter);
    }
    EventsByTenant events;
    settle_refused(tx, refused, true, events);
    return record(tx, actor, "dead-letter replay", filter, reason, events);
}

}  // namespace tollgate::consumer
