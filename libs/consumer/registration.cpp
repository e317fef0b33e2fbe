#include "consumer/registration.hpp"

#include <algorithm>

#include "core/nearest.hpp"
#include "events/schema_version.hpp"
#include "tenants/audit.hpp"

namespace tollgate::consumer {

using postgres::Transaction;

Result<Uuid> register_consumer(postgres::Connection& connection, const Registration& registration) {
    return postgres::transact(connection, [&](Transaction& tx) {
        tx.execute("select consumer.register_consumer($1, $2, $3)", registration.name, registration.input,
                   registration.beginning == Beginning::all_that_is_stored);
        return tx.execute("select since from consumer.consumer where name = $1", registration.name)
            .only()
            .get<Uuid>(0);
    });
}

Result<std::int64_t> release_readable(postgres::Connection& connection, const std::string& consumer,
                                      std::int64_t limit) {
    return postgres::transact(connection, [&](Transaction& tx) {
        const auto released = tx.execute(
            "update consumer.work set state = 'retrying', hold = null, due_at = clock_timestamp(), "
            "changed_at = clock_timestamp() where (consumer, message_id) in ("
            "select consumer, message_id from consumer.work "
            "where consumer = $1 and state = 'held' and hold = 'newer_version' "
            "and (select bool_and(split_part(h ->> 1, '.', 1) ~ '^[0-9]{1,9}$' and "
            "split_part(h ->> 1, '.', 1)::integer <= $2) from jsonb_array_elements(headers) h "
            "where h ->> 0 = 'ce_schemaversion') limit $3 for update skip locked)",
            consumer, static_cast<std::int32_t>(events::current_schema.major), limit);
        return static_cast<std::int64_t>(released.affected());
    });
}

Result<std::int64_t> ask_for_refills(postgres::Connection& connection, std::string_view because) {
    return postgres::transact(connection, [&](Transaction& tx) {
        const auto asked =
            tx.execute("select consumer.ask_for_refill(c.name, $1) from consumer.consumer c", because);
        return static_cast<std::int64_t>(asked.size());
    });
}

Result<std::vector<ConsumerState>> list_consumers(Transaction& tx, const tenants::Actor& actor) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<ConsumerState> all;
    for (const auto row :
         tx.execute("select c.name, c.input, c.registered_at, c.refill_after is not null, "
                    "count(*) filter (where w.state = 'retrying'), count(*) filter (where w.state = 'held'), "
                    "count(*) filter (where w.state = 'dead') from consumer.consumer c "
                    "left join consumer.work w on w.consumer = c.name "
                    "group by c.name, c.input, c.registered_at, c.refill_after order by c.name")) {
        auto [name, input, registered_at, refilling, retrying, held, dead] =
            row.as<std::string, std::string, Timestamp, bool, std::int64_t, std::int64_t, std::int64_t>();
        all.push_back(
            {std::move(name), std::move(input), registered_at, refilling, retrying, held, dead, {}});
    }
    const auto now = tx.execute("select clock_timestamp()").only().get<Timestamp>(0);
    for (ConsumerState& state : all) state.waiting = count_waiting(tx, state.name, now);
    return all;
}

Result<void> require_registered(Transaction& tx, std::string_view name) {
    std::vector<std::string> names;
    for (const auto row : tx.execute("select name from consumer.consumer order by name"))
        names.push_back(row.get<std::string>(0));
    if (std::ranges::find(names, name) != names.end()) return {};
    return fail(ErrorCode::invalid,
                "no consumer \"{}\" is registered{}; `tollgate consumer list` shows those that are, and one "
                "registers when it starts",
                name, did_you_mean(name, names));
}

Result<void> retire_consumer(Transaction& tx, const tenants::Actor& actor, const std::string& name,
                             std::string_view reason) {
    if (auto admitted = tenants::admit_to_platform(tx, actor, tenants::Role::operator_); !admitted)
        return admitted;
    if (!tx.execute("select consumer.retire_consumer($1)", name).only().get<bool>(0))
        return fail(ErrorCode::not_found, "there is no consumer \"{}\"", name);
    tenants::record(
        tx, actor,
        {.verb = "consumer retire", .arguments = {{"consumer", name}}, .result = {}, .reason = reason});
    return {};
}

Result<Refilled> refill(postgres::Connection& connection, const std::string& consumer, std::int32_t events) {
    return postgres::transact(connection, [&](Transaction& tx) {
        const auto rows =
            tx.execute("select looked_at, appended, ended from consumer.refill($1, $2)", consumer, events);
        if (rows.empty()) return Refilled{};
        const auto [looked_at, appended, ended] = rows.only().as<std::int32_t, std::int32_t, bool>();
        return Refilled{.looked_at = looked_at, .appended = appended, .ended = ended};
    });
}

}  // namespace tollgate::consumer
