#include "consumer/settle_letters.hpp"

#include <map>

#include "consumer/deeds.hpp"
#include "tenants/reason.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

Result<void> admit(Transaction& tx, const Actor& actor, const LetterFilter& filter, Purpose purpose,
                   std::string_view reason) {
    if (auto admitted = admit_to_letters(tx, actor, Role::operator_, filter); !admitted) return admitted;
    if (auto fit = check_purpose(filter, purpose); !fit) return fit;
    return tenants::require_reason(reason);
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

std::int64_t record(Transaction& tx, const Actor& actor, std::string_view verb, const LetterFilter& filter,
                    std::string_view reason, const EventsByTenant& events) {
    record_events(tx, actor, {.verb = verb, .arguments = to_json(filter), .reason = reason}, "messages",
                  events);
    std::int64_t settled = 0;
    for (const auto& [tenant, ids] : events) settled += std::ssize(ids);
    return settled;
}

}  // namespace

Result<DiscardStep> discard_letters(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                    std::string_view reason, std::int64_t most,
                                    const std::optional<LetterPlace>& behind) {
    if (const auto admitted = admit(tx, actor, filter, Purpose::discard, reason); !admitted)
        return std::unexpected{admitted.error()};
    const std::vector<Letter> chosen = choose_letters(tx, filter, Purpose::discard, most, behind);
    std::map<std::string, std::vector<Uuid>> work;
    std::vector<Letter> refused;
    for (const Letter& letter : chosen) {
        if (letter.refused) {
            refused.push_back(letter);
        } else {
            work[letter.consumer].push_back(letter.id);
        }
    }
    EventsByTenant events;
    for (const auto& [consumer, ids] : work) discard_work(tx, consumer, ids, filter.state, events);
    settle_refused(tx, refused, false, events);
    DiscardStep step{.settled = record(tx, actor, "dead-letter discard", filter, reason, events),
                     .reached = {}};
    if (std::ssize(chosen) == most) step.reached = place_of(chosen.back());
    return step;
}

Result<Settled> append_refused(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                               std::string_view reason) {
    if (const auto admitted = admit(tx, actor, filter, Purpose::append, reason); !admitted)
        return std::unexpected{admitted.error()};
    EventsByTenant events;
    settle_refused(tx, choose_letters(tx, filter, Purpose::append, filter.limit, {}), true, events);
    const std::int64_t settled = record(tx, actor, "dead-letter replay", filter, reason, events);
    return Settled{.settled = settled, .left = count_all(tx, filter, Purpose::append)};
}

}  // namespace tollgate::consumer
