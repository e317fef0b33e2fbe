#include "consumer/replay_jobs.hpp"

#include <set>

#include <boost/json/serialize.hpp>

#include "consumer/deeds.hpp"
#include "consumer/letter_rows.hpp"
#include "consumer/registration.hpp"
#include "telemetry/log.hpp"
#include "tenants/reason.hpp"
#include "tenants/uuid_list.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view columns =
    "id, consumer, array_to_string(tenants, ','), actor, reason, filter, rate, canary, stop_percent, "
    "outstanding_max, state, note, total, started, outstanding, done, died, held, discarded, left_alone, "
    "failing, created_at, changed_at, ended_at";

ReplayJob job_of(const Row& row) {
    const auto number = [&](std::size_t column) { return row.get<std::int64_t>(column); };
    return {.id = row.get<Uuid>(0),
            .consumer = row.get<std::string>(1),
            .tenants = tenants::parse_uuid_list(row.get<std::string_view>(2)),
            .actor = row.get<std::string>(3),
            .reason = row.get<std::string>(4),
            .filter = row.get<std::string>(5),
            .settings = {.rate = row.get<std::optional<std::int32_t>>(6),
                         .canary = number(7),
                         .stop_percent = row.get<std::optional<std::int32_t>>(8),
                         .outstanding_max = row.get<std::int32_t>(9)},
            .state = row.get<std::string>(10),
            .note = row.get<std::optional<std::string>>(11),
            .total = number(12),
            .started = number(13),
            .outstanding = number(14),
            .done = number(15),
            .died = number(16),
            .held = number(17),
            .discarded = number(18),
            .left_alone = number(19),
            .failing = number(20),
            .created_at = row.get<Timestamp>(21),
            .changed_at = row.get<Timestamp>(22),
            .ended_at = row.get<std::optional<Timestamp>>(23)};
}

Result<ReplayJob> find(Transaction& tx, const Uuid& id, std::string_view lock) {
    const auto rows =
        tx.execute(fmt::format("select {} from consumer.replay where id = $1 {}", columns, lock), id);
    if (rows.empty()) {
        return fail(ErrorCode::not_found,
                    "there is no replay {}: `tollgate replay list` shows those there are", id);
    }
    return job_of(rows.only());
}

Result<void> check(Transaction& tx, const LetterFilter& filter, std::string_view reason) {
    if (const auto given = tenants::require_reason(reason); !given) return given;
    if (auto fit = check_purpose(filter, Purpose::replay); !fit) return fit;
    return require_registered(tx, *filter.consumer);
}

// Of two operators who order the same at once, the second sees what the first has taken. Until this
// transaction ends.
void let_no_other_choose(Transaction& tx, const std::string& consumer) {
    tx.execute("select pg_advisory_xact_lock(hashtextextended('consumer.replay of ' || $1, 0))", consumer);
}

void write_job(Transaction& tx, const Uuid& id, const Actor& actor, const LetterFilter& filter,
               const ReplaySettings& settings, std::string_view reason,
               const std::vector<LetterName>& chosen) {
    std::vector<Uuid> ids;
    std::vector<Uuid> tenants;
    for (const LetterName& name : chosen) {
        ids.push_back(name.id);
        tenants.push_back(name.tenant);
    }
    const std::set<Uuid> each{tenants.begin(), tenants.end()};
    const std::string asked = boost::json::serialize(to_json(filter));
    tx.execute(
        "insert into consumer.replay (id, consumer, tenants, actor, reason, filter, from_state, rate, "
        "canary, canary_passed, stop_percent, outstanding_max, total) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9 = 0, $10, $11, $12)",
        id, *filter.consumer, std::vector<Uuid>{each.begin(), each.end()}, actor.name, reason,
        postgres::Json{asked}, filter.state, settings.rate, settings.canary, settings.stop_percent,
        settings.outstanding_max, static_cast<std::int64_t>(chosen.size()));
    tx.execute(
        "insert into consumer.replay_item (replay, message_id, place, consumer, tenant) "
        "select $1, c.message_id, c.place, $2, c.tenant "
        "from unnest($3, $4) with ordinality as c(message_id, tenant, place)",
        id, *filter.consumer, ids, tenants);
}

void record_start(Transaction& tx, const Actor& actor, const Uuid& id, const LetterFilter& filter,
                  const ReplaySettings& settings, std::string_view reason,
                  const std::vector<LetterName>& chosen) {
    CountByTenant counts;
    for (const LetterName& name : chosen) ++counts[name.tenant];
    boost::json::object arguments = to_json(filter);
    arguments["replay"] = id.text();
    arguments["canary"] = settings.canary;
    arguments["outstanding"] = settings.outstanding_max;
    if (settings.rate) arguments["rate"] = *settings.rate;
    if (settings.stop_percent) arguments["stop_on_errors"] = *settings.stop_percent;
    record_by_tenant(tx, actor,
                     {.verb = "dead-letter replay", .arguments = std::move(arguments), .reason = reason},
                     "messages", counts);
}

struct Turn {
    std::string_view verb;
    std::string_view to;
    std::string_view from;
    std::string_view or_from;
};
constexpr Turn pausing{"replay pause", "paused", "running", "running"};
constexpr Turn resuming{"replay resume", "running", "paused", "paused"};
constexpr Turn aborting{"replay abort", "aborted", "running", "paused"};

Result<ReplayJob> turn(Transaction& tx, const Actor& actor, const Uuid& id, std::string_view reason,
                       const Turn& wanted) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto given = tenants::require_reason(reason); !given) return std::unexpected{given.error()};
    const auto job = find(tx, id, "for update");
    if (!job) return job;
    if (job->state != wanted.from && job->state != wanted.or_from) {
        return fail(ErrorCode::conflict, "replay {} is {}, and cannot be {}", id, job->state,
                    wanted.to == "running" ? "resumed" : wanted.to);
    }
    tx.execute(
        "update consumer.replay set state = $2, changed_at = clock_timestamp(), next_at = clock_timestamp(), "
        "ended_at = case when $2 = 'aborted' then clock_timestamp() end where id = $1",
        id, wanted.to);
    CountByTenant counts;
    for (const Uuid& tenant : job->tenants) counts[tenant] = 1;
    record_by_tenant(tx, actor,
                     {.verb = wanted.verb,
                      .arguments = {{"replay", id.text()}, {"consumer", job->consumer}},
                      .result = {{"started", job->started}, {"total", job->total}},
                      .reason = reason},
                     "replays", counts);
    return find(tx, id, "");
}

}  // namespace

Result<StartedReplay> start_replay(Transaction& tx, const Actor& actor, const LetterFilter& filter,
                                   const ReplaySettings& settings, std::string_view reason) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::operator_, filter); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto fit = check(tx, filter, reason); !fit) return std::unexpected{fit.error()};
    LetterFilter bounded = filter;
    bounded.limit = std::min(filter.limit, replay_messages_max);
    let_no_other_choose(tx, *filter.consumer);
    const std::vector<LetterName> chosen = name_letters(tx, bounded);
    const auto taken = std::ssize(chosen);
    const std::int64_t free = taken < bounded.limit ? taken : count_all(tx, bounded, Purpose::replay);
    StartedReplay started{.job = {}, .left = count_left_alone(tx, bounded, free), .beyond = free - taken};
    if (chosen.empty()) return std::unexpected{nothing_to_replay(bounded, started.left)};
    const Uuid id = make_uuid_v7();
    write_job(tx, id, actor, bounded, settings, reason, chosen);
    record_start(tx, actor, id, bounded, settings, reason, chosen);
    auto job = find(tx, id, "");
    if (!job) return std::unexpected{job.error()};
    started.job = std::move(*job);
    return started;
}

Result<std::vector<ReplayJob>> list_replays(Transaction& tx, const Actor& actor, const ReplayFilter& filter) {
    const LetterFilter of_tenant{.tenant = filter.tenant};
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, of_tenant); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<ReplayJob> jobs;
    for (const Row row :
         tx.execute(fmt::format("select {} from consumer.replay where ($1::text is null or consumer = $1) "
                                "and ($2 or state in ('running', 'paused')) order by id desc limit $3",
                                columns),
                    filter.consumer, filter.ended_too, filter.limit))
        jobs.push_back(job_of(row));
    // One that was retired may have replays still, and letters.
    if (jobs.empty() && filter.consumer) {
        const LetterFilter of_consumer{.tenant = filter.tenant, .consumer = filter.consumer};
        if (const auto known = admit_to_letters(tx, actor, Role::viewer, of_consumer); !known)
            return std::unexpected{known.error()};
    }
    return jobs;
}

Result<ReplayJob> show_replay(Transaction& tx, const Actor& actor, const Uuid& id) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return find(tx, id, "");
}

Result<ReplayJob> pause_replay(Transaction& tx, const Actor& actor, const Uuid& id, std::string_view reason) {
    return turn(tx, actor, id, reason, pausing);
}

Result<ReplayJob> resume_replay(Transaction& tx, const Actor& actor, const Uuid& id,
                                std::string_view reason) {
    return turn(tx, actor, id, reason, resuming);
}

Result<ReplayJob> abort_replay(Transaction& tx, const Actor& actor, const Uuid& id, std::string_view reason) {
    return turn(tx, actor, id, reason, aborting);
}

Result<ReplayStep> carry_on_replays(postgres::Connection& connection, const std::string& consumer) {
    return postgres::transact(connection, [&](Transaction& tx) {
        ReplayStep step;
        for (const Row row : tx.execute(
                 "select job_id, begun, ended_as, because from consumer.carry_on_replays($1)", consumer)) {
            const auto [id, begun, ended_as, because] =
                row.as<Uuid, std::int64_t, std::optional<std::string>, std::optional<std::string>>();
            ++step.open;
            step.started += begun;
            if (ended_as) {
                telemetry::log::info("a replay is at its end", {{"consumer", consumer},
                                                                {"replay", id},
                                                                {"state", *ended_as},
                                                                {"because", because.value_or("")}});
            }
        }
        return step;
    });
}

}  // namespace tollgate::consumer
