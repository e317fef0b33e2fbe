#include "consumer/again.hpp"

#include <boost/json/object.hpp>

#include "consumer/deeds.hpp"
#include "consumer/letters.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;

Result<void> admit(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                   std::string_view reason) {
    if (auto admitted = tenants::admit(tx, actor, tenants::Role::operator_); !admitted) return admitted;
    if (reason.empty()) return fail(ErrorCode::invalid, "a reason is required: it stays in the audit log");
    if (tx.execute("select from consumer.consumer where name = $1", consumer).empty())
        return fail(ErrorCode::not_found, "there is no consumer \"{}\"", consumer);
    return {};
}

Again record(Transaction& tx, const tenants::Actor& actor, std::string_view verb, std::string_view consumer,
             std::span<const Uuid> messages, std::string_view reason, const postgres::Rows& done) {
    const auto started = static_cast<std::int64_t>(done.size());
    EventsByTenant events;
    for (const auto row : done) events[row.get<Uuid>(0)].push_back(row.get<Uuid>(1));
    record_events(tx, actor,
                  {.verb = verb,
                   .arguments = {{"consumer", consumer}, {"messages", messages.size()}},
                   .reason = reason},
                  "started", events);
    return {.started = started, .left = static_cast<std::int64_t>(messages.size()) - started};
}

}  // namespace

Result<Again> replay(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                     std::span<const Uuid> messages, std::string_view reason) {
    if (const auto admitted = admit(tx, actor, consumer, reason); !admitted)
        return std::unexpected{admitted.error()};
    const auto started = tx.execute(
        "update consumer.work set state = 'retrying', attempt = 0, hold = null, "
        "cause = case cause when 'redo' then 'redo' else 'replay' end, "
        "since = clock_timestamp(), due_at = clock_timestamp(), changed_at = clock_timestamp(), crashes = 0, "
        "begun_by = null, begun_until = null, begun_alone = false "
        "where consumer = $1 and message_id in "
        "(select message_id from consumer.work where consumer = $1 and message_id = any ($2) "
        "and (state in ('dead', 'held') or (state = 'retrying' and begun_by is null)) "
        "order by message_id for update) returning tenant, message_id",
        consumer, messages);
    return record(tx, actor, "dead-letter replay", consumer, messages, reason, started);
}

Result<Again> redo(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                   std::span<const Uuid> messages, std::string_view reason) {
    if (const auto admitted = admit(tx, actor, consumer, reason); !admitted)
        return std::unexpected{admitted.error()};
    const auto started = tx.execute(
        "insert into consumer.work (consumer, message_id, tenant, state, cause, due_at, reason, topic) "
        "select i.consumer, i.message_id, i.tenant, 'retrying', 'redo', clock_timestamp(), "
        "'an operator has it done over', c.input "
        "from consumer.inbox i join consumer.consumer c on c.name = i.consumer "
        "where i.consumer = $1 and i.message_id = any ($2) order by i.message_id on conflict do nothing "
        "returning tenant, message_id",
        consumer, messages);
    return record(tx, actor, "message redo", consumer, messages, reason, started);
}

Result<std::vector<Uuid>> find_done(Transaction& tx, const tenants::Actor& actor, const DoneFilter& filter) {
    const LetterFilter of_tenant{.tenant = filter.tenant};
    if (const auto admitted = admit_to_letters(tx, actor, tenants::Role::viewer, of_tenant); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<Uuid> ids;
    for (const auto row : tx.execute("select message_id from consumer.done_messages($1, $2, $3, $4, $5)",
                                     filter.consumer, filter.type, filter.since, filter.until, filter.limit))
        ids.push_back(row.get<Uuid>(0));
    return ids;
}

}  // namespace tollgate::consumer
