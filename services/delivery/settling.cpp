#include "delivery/settling.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "consumer/dead_letter.hpp"
#include "journal/append.hpp"
#include "postgres/columns.hpp"
#include "telemetry/log.hpp"
#include "telemetry/text.hpp"

namespace tollgate::delivery {

namespace {

using postgres::column;
using postgres::Transaction;

constexpr std::size_t reason_bytes_max = 2000;

struct Dead {
    Uuid tenant;
    Uuid delivery;
    std::string reason;
    std::int32_t attempts = 0;
};

void tell_of_deaths(Transaction& tx, const std::vector<Dead>& dead, std::string_view build) {
    if (dead.empty()) return;
    std::map<Uuid, const Dead*> by_id;
    for (const Dead& each : dead) by_id[each.delivery] = &each;
    std::vector<journal::NewEntry> entries;
    for (const postgres::Row row :
         tx.execute("select distinct on (e.delivery) e.tenant, e.delivery, e.event_id, x.slug "
                    "from unnest($1, $2) w(tenant, delivery) join delivery.delivery_event e using (tenant, "
                    "delivery) "
                    "join tenants.destination x on x.tenant = e.tenant and x.destination = e.destination "
                    "order by e.delivery, e.event_id",
                    column(dead, [](const Dead& each) { return each.tenant; }),
                    column(dead, [](const Dead& each) { return each.delivery; }))) {
        const Dead& each = *by_id.at(row.get<Uuid>(1));
        const boost::json::object headers{{"stage", "send"},
                                          {"tollgate_consumer", "delivery"},
                                          {"tollgate_delivery", each.delivery.text()},
                                          {"tollgate_destination", row.get<std::string>(3)},
                                          {"tollgate_reason", each.reason},
                                          {"tollgate_fingerprint", consumer::fingerprint(each.reason)},
                                          {"tollgate_attempts", std::to_string(each.attempts)},
                                          {"tollgate_build", build},
                                          {"tollgate_died_at", to_rfc3339(SystemClock{}.now())},
                                          {"tollgate_topic", "payment"}};
        entries.push_back({.tenant = row.get<Uuid>(0),
                           .topic = consumer::dead_letter_topic("delivery"),
                           .event_id = row.get<Uuid>(2),
                           .headers = boost::json::serialize(headers)});
    }
    journal::append(tx, entries);
}

Posted posted_by(const Ended& ended, const Uuid& delivery) {
    return {.tenant = ended.tenant,
            .destination = ended.destination,
            .delivery = delivery,
            .channel = ended.outcome.channel,
            .ts = ended.outcome.ts};
}

// What a message that arrived, or an update that did not, makes of its story.
void tell_story(Transaction& tx, const Ended& ended, const Uuid& delivery, std::string_view state) {
    const Posted posted = posted_by(ended, delivery);
    if (ended.outcome.kind == OutcomeKind::reply_instead) fix(tx, posted);
    if (ended.story && state == "delivered") note(tx, std::array{Told{posted, *ended.story}});
}

struct Written {
    std::size_t died = 0;
    std::vector<LaneChange> changes;
};

// What came of one attempt; nothing if nobody knows of it any more.
std::optional<Dead> write_one(Transaction& tx, const Ended& ended, const RetryLimits& limits) {
    const Outcome& outcome = ended.outcome;
    const auto rows = tx.execute(
        "select s.tenant, s.delivery, s.state, s.reason, s.attempts from delivery.attempt a "
        "cross join lateral delivery.settle(row($1, $2, $3, $4, $5, $6, $7, $8, $9)::delivery.settled, $10, "
        "least($11 * power(2, least(a.number - 1, 20)), $12) * random()) s where a.attempt = $1",
        ended.attempt, name(outcome.kind),
        telemetry::printable(std::string_view{outcome.reason}.substr(0, reason_bytes_max)), outcome.code,
        outcome.after ? std::optional{std::chrono::milliseconds{*outcome.after}} : std::nullopt,
        outcome.pauses_destination, outcome.channel, outcome.ts, ended.headline, limits.age_max,
        limits.backoff.base, limits.backoff.cap);
    if (rows.empty()) return std::nullopt;
    const postgres::Row settled = rows.only();
    tell_story(tx, ended, settled.get<Uuid>(1), settled.get<std::string_view>(2));
    if (settled.get<std::string_view>(2) != "dead") return std::nullopt;
    return Dead{.tenant = settled.get<Uuid>(0),
                .delivery = settled.get<Uuid>(1),
                .reason = settled.get<std::optional<std::string>>(3).value_or(""),
                .attempts = settled.get<std::int32_t>(4)};
}

// It changes nothing but its message and itself.
bool ended_well(const Ended* ended) {
    const Outcome& outcome = ended->outcome;
    return outcome.kind == OutcomeKind::delivered && outcome.code.empty() && outcome.reason.empty();
}

// Most calls end well, and are written together. Gives the attempts that are.
std::set<Uuid> write_delivered(Transaction& tx, std::span<const Ended* const> all) {
    std::set<Uuid> written;
    if (all.empty()) return written;
    std::map<Uuid, const Ended*> delivered;
    for (const Ended* const each : all) delivered[each->attempt] = each;
    std::map<Uuid, Uuid> messages;  // by attempt
    for (const postgres::Row row : tx.execute(
             "select attempt, delivery from delivery.settle_delivered($1, $2, $3, $4)",
             column(delivered, [](const auto& each) { return each.first; }),
             column(delivered, [](const auto& each) { return std::string_view{each.second->headline}; }),
             column(delivered,
                    [](const auto& each) { return std::string_view{each.second->outcome.channel}; }),
             column(delivered, [](const auto& each) { return std::string_view{each.second->outcome.ts}; }))) {
        messages[row.get<Uuid>(0)] = row.get<Uuid>(1);
        written.insert(row.get<Uuid>(0));
    }
    std::vector<Told> told;
    for (const Ended* const each : all) {
        if (each->story && messages.contains(each->attempt))
            told.push_back({posted_by(*each, messages.at(each->attempt)), *each->story});
    }
    note(tx, told);
    return written;
}

// Of each destination as they ended: failures are in a row only if nothing went well in between.
Written write(Transaction& tx, std::span<const Ended> ended, const RetryLimits& limits) {
    const auto tenants = column(ended, [](const Ended& each) { return each.tenant; });
    const auto destinations = column(ended, [](const Ended& each) { return each.destination; });
    const auto before = hold_lanes(tx, tenants, destinations);
    std::vector<const Ended*> all;
    all.reserve(ended.size());
    for (const Ended& each : ended) all.push_back(&each);
    // The pointers are in the order of `ended`.
    std::ranges::sort(all, {},
                      [](const Ended* each) { return std::tuple{each->tenant, each->destination, each}; });
    std::vector<Dead> dead;
    for (auto next = all.cbegin(); next != all.cend();) {
        const auto end_of_well = std::find_if_not(next, all.cend(), ended_well);
        const std::set<Uuid> written = write_delivered(tx, {next, end_of_well});
        const auto end = end_of_well == all.cend() ? end_of_well : std::next(end_of_well);
        for (; next != end; ++next) {
            if (written.contains((*next)->attempt)) continue;
            if (auto died = write_one(tx, **next, limits)) dead.push_back(std::move(*died));
        }
    }
    tell_of_deaths(tx, dead, limits.build);
    return {.died = dead.size(), .changes = changes(before, hold_lanes(tx, tenants, destinations))};
}

class Settling {
public:
    Settling(postgres::Connection& connection, const RetryLimits& limits)
        : connection_{connection}, limits_{limits} {}

    void write_all(std::span<Ended> part) {
        if (!settled.trouble.empty()) {
            leave(part);
            return;
        }
        const auto refused = try_to_write(part);
        if (!refused) {
            take(part, settled.noted);
        } else if (refused->code != ErrorCode::bad_data) {
            settled.trouble = refused->text();
            leave(part);
        } else if (part.size() > 1) {
            write_all(part.first(part.size() / 2));
            write_all(part.subspan(part.size() / 2));
        } else {
            write_outcome_alone(part, *refused);
        }
    }

    Settled settled;

private:
    std::optional<Error> try_to_write(std::span<const Ended> part) {
        auto written =
            postgres::transact(connection_, [&](Transaction& tx) { return write(tx, part, limits_); });
        if (!written) return written.error();
        settled.died += written->died;
        std::ranges::move(written->changes, std::back_inserter(settled.changes));
        return std::nullopt;
    }

    void write_outcome_alone(std::span<Ended> one, const Error& refused) {
        Ended& ended = one.front();
        telemetry::log::error(
            "what a destination answered cannot be written: its outcome is, without the rest",
            {{"tenant", ended.tenant}, {"attempt", ended.attempt}, {"error", refused}});
        const std::array bare{Ended{.attempt = ended.attempt,
                                    .tenant = ended.tenant,
                                    .destination = ended.destination,
                                    .outcome = {.kind = ended.outcome.kind,
                                                .reason = "the answer could not be kept: " + refused.detail,
                                                .after = ended.outcome.after,
                                                .pauses_destination = ended.outcome.pauses_destination},
                                    .headline = ""}};
        const auto again = try_to_write(bare);
        if (again && again->code != ErrorCode::bad_data) {
            settled.trouble = again->text();
            leave(one);
            return;
        }
        if (again) {
            telemetry::log::error("nor can the outcome: it is unknown when the lease of the attempt is over",
                                  {{"tenant", ended.tenant}, {"attempt", ended.attempt}, {"error", *again}});
            ended.outcome.kind = OutcomeKind::unknown;
        }
        take(one, settled.noted);
    }

    void leave(std::span<Ended> part) { take(part, settled.left); }

    static void take(std::span<Ended> part, std::vector<Ended>& into) {
        std::ranges::move(part, std::back_inserter(into));
    }

    postgres::Connection& connection_;
    const RetryLimits& limits_;
};

}  // namespace

std::string_view name(OutcomeKind kind) {
    constexpr std::array<std::string_view, 9> names{"delivered",       "retry",         "retry_as_text",
                                                    "retry_top_level", "reply_instead", "refresh_token",
                                                    "confirm",         "reconnect",     "dead"};
    const auto at = static_cast<std::size_t>(kind);
    return at < names.size() ? names.at(at) : "unknown";
}

Settled settle(postgres::Connection& connection, std::vector<Ended> ended, const RetryLimits& limits) {
    Settling settling{connection, limits};
    settling.write_all(ended);
    return std::move(settling.settled);
}

}  // namespace tollgate::delivery
