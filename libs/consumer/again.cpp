#include "consumer/again.hpp"

#include <boost/json/object.hpp>

#include "consumer/deeds.hpp"
#include "consumer/letters.hpp"
#include "consumer/registration.hpp"
#include "tenants/reason.hpp"
#include "tenants/uuid_list.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;

Result<void> admit(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                   std::string_view reason) {
    if (auto admitted = tenants::admit(tx, actor, tenants::Role::operator_); !admitted) return admitted;
    if (const auto given = tenants::require_reason(reason); !given) return given;
    return require_registered(tx, consumer);
}

Again record(Transaction& tx, const tenants::Actor& actor, std::string_view verb,
             boost::json::object arguments, std::span<const Uuid> messages, std::string_view reason,
             const postgres::Rows& done) {
    const auto started = static_cast<std::int64_t>(done.size());
    EventsByTenant events;
    for (const auto row : done) events[row.get<Uuid>(0)].push_back(row.get<Uuid>(1));
    arguments["messages"] = messages.size();
    record_events(tx, actor, {.verb = verb, .arguments = std::move(arguments), .reason = reason}, "started",
                  events);
    return {.started = started, .left = static_cast<std::int64_t>(messages.size()) - started};
}

Again begin_redo(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                 std::span<const Uuid> messages, boost::json::object arguments, std::string_view reason) {
    const auto started = tx.execute(
        "insert into consumer.work (consumer, message_id, tenant, state, cause, due_at, reason, topic) "
        "select i.consumer, i.message_id, i.tenant, 'retrying', 'redo', clock_timestamp(), "
        "'an operator has it done over', c.input "
        "from consumer.inbox i join consumer.consumer c on c.name = i.consumer "
        "where i.consumer = $1 and i.message_id = any ($2) order by i.message_id on conflict do nothing "
        "returning tenant, message_id",
        consumer, messages);
    return record(tx, actor, "redo", std::move(arguments), messages, reason, started);
}

boost::json::object to_json(const DoneFilter& filter) {
    boost::json::object object{{"consumer", filter.consumer}};
    if (filter.tenant) object["tenant"] = *filter.tenant;
    if (filter.type) object["type"] = *filter.type;
    if (filter.since) object["since"] = to_rfc3339(*filter.since);
    if (filter.until) object["until"] = to_rfc3339(*filter.until);
    if (!filter.ids.empty()) object["ids"] = filter.ids.size();
    return object;
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
    return record(tx, actor, "dead-letter replay", {{"consumer", consumer}}, messages, reason, started);
}

Result<Again> redo(Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                   std::span<const Uuid> messages, std::string_view reason) {
    if (const auto admitted = admit(tx, actor, consumer, reason); !admitted)
        return std::unexpected{admitted.error()};
    return begin_redo(tx, actor, consumer, messages, {{"consumer", consumer}}, reason);
}

Result<DoneStep> find_done(Transaction& tx, const tenants::Actor& actor, const DoneFilter& filter,
                           const std::optional<Uuid>& behind) {
    // Rows of the inbox, of which perhaps none is meant.
    constexpr std::int32_t looks = 2'000;
    const LetterFilter of_tenant{.tenant = filter.tenant};
    if (const auto admitted = admit_to_letters(tx, actor, tenants::Role::viewer, of_tenant); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto known = require_registered(tx, filter.consumer); !known)
        return std::unexpected{known.error()};
    if (!filter.ids.empty()) {
        DoneStep all;
        for (const auto row :
             tx.execute("select consumer.done_among($1, $2, $3, $4, $5, $6)", filter.consumer, filter.type,
                        filter.since, filter.until, filter.ids, behind))
            all.ids.push_back(row.get<Uuid>(0));
        return all;
    }
    const auto rows = tx.execute(
        "select array_to_string(ids, ','), reached from consumer.done_step($1, $2, $3, $4, $5, $6)",
        filter.consumer, filter.type, filter.since, filter.until, behind, looks);
    return DoneStep{.ids = tenants::parse_uuid_list(rows.only().get<std::string_view>(0)),
                    .reached = rows.only().get<std::optional<Uuid>>(1)};
}

Result<std::int64_t> count_dropped(Transaction& tx, const tenants::Actor& actor,
                                   const std::vector<Uuid>& ids) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return tx
        .execute("select count(*) from unnest($1::uuid[]) as i(id) where consumer.is_of_dropped_day(i.id)",
                 ids)
        .only()
        .get<std::int64_t>(0);
}

Result<RedoStep> redo_found(Transaction& tx, const tenants::Actor& actor, const DoneFilter& filter,
                            const std::optional<Uuid>& behind, std::size_t most, std::string_view reason) {
    if (const auto admitted = admit(tx, actor, filter.consumer, reason); !admitted)
        return std::unexpected{admitted.error()};
    auto found = find_done(tx, actor, filter, behind);
    if (!found) return std::unexpected{found.error()};
    if (found->ids.size() > most) {
        found->ids.resize(most);
        found->reached = found->ids.back();
    }
    RedoStep step{.again = {}, .last = {}, .reached = found->reached};
    if (found->ids.empty()) return step;
    step.again = begin_redo(tx, actor, filter.consumer, found->ids, to_json(filter), reason);
    step.last = found->ids.back();
    return step;
}

}  // namespace tollgate::consumer
