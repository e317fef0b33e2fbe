#include "consumer/work.hpp"

#include <algorithm>
#include <array>

#include "consumer/dead_letter.hpp"
#include "consumer/work_row.hpp"
#include "journal/append.hpp"
#include "telemetry/text.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Bytes;
using postgres::Json;
using postgres::Transaction;

constexpr std::size_t reason_bytes_max = 2000;

// A reason comes from anywhere: an exception, a server's answer.
std::string fit(std::string_view reason) {
    std::string text = telemetry::printable(reason.substr(0, reason_bytes_max));
    if (reason.size() > reason_bytes_max) text += " ...";
    return text;
}

std::string_view name(WorkState state) {
    switch (state) {
        case WorkState::retrying:
            return "retrying";
        case WorkState::held:
            return "held";
        case WorkState::dead:
            return "dead";
    }
    return "dead";
}

std::optional<std::string_view> or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

Uuid tenant_of(const Message& message) {
    return message.tenant.value_or(nobody);
}

void keep_attempt(Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict) {
    if (!verdict.failed) return;
    tx.execute(
        "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, reason, build) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        task.id, worker.consumer, tenant_of(*task.message), task.attempt, name(task.cause),
        std::string_view{verdict.state == WorkState::retrying ? "retry" : "dead"}, verdict.reason,
        worker.build);
}

// In the transaction that makes it dead, so that neither is there without the other.
void tell_of_death(Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict) {
    if (verdict.state != WorkState::dead) return;
    const std::array entries{
        journal::NewEntry{.tenant = tenant_of(*task.message),
                          .topic = dead_letter_topic(worker.consumer),
                          .event_id = task.id,
                          .headers = death_headers(*task.message, {.consumer = worker.consumer,
                                                                   .reason = verdict.reason,
                                                                   .build = worker.build,
                                                                   .attempts = task.attempt})}};
    journal::append(tx, entries);
}

}  // namespace

Verdict dead(std::string_view reason, bool failed) {
    return {.state = WorkState::dead, .reason = fit(reason), .failed = failed};
}

Verdict condemned(std::int32_t crashes) {
    return dead(fmt::format("{} processes ended while this message was the only one that they ran", crashes));
}

Verdict held(std::string_view cause, std::string_view reason,
             std::optional<std::chrono::milliseconds> length) {
    return {.state = WorkState::held,
            .reason = fit(reason),
            .hold = std::string{cause.empty() ? "held" : cause},
            .due_in = length,
            .failed = false};
}

Verdict after_failure(const RetrySettings& settings, std::int32_t attempt,
                      std::chrono::milliseconds tried_for, std::chrono::milliseconds at_least,
                      std::string_view reason) {
    // In the words of the attempts before: what fails for one reason is one group, tried again or given up.
    if (tried_for >= settings.age_max) return dead(reason);
    const auto delay = settings.backoff.delay(static_cast<std::uint32_t>(std::max(attempt, 1)));
    // The last attempt is made when the age is reached, not after it.
    const auto left = settings.age_max - tried_for;
    return {.state = WorkState::retrying,
            .reason = fit(reason),
            .due_in = std::min(std::max(delay, at_least), std::max(left, at_least))};
}

std::optional<Verdict> verdict_on(const Outcome& outcome, const RetrySettings& settings, std::int32_t attempt,
                                  std::chrono::milliseconds tried_for) {
    if (const auto* retry = std::get_if<RetryAfter>(&outcome))
        return after_failure(settings, attempt, tried_for, retry->at_least, retry->reason);
    if (const auto* hold = std::get_if<Hold>(&outcome)) return held(hold->cause, hold->reason, hold->length);
    if (const auto* reject = std::get_if<Reject>(&outcome)) return dead(reject->reason);
    return std::nullopt;
}

bool put_aside(Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict) {
    const Message& message = *task.message;
    const auto* log = std::get_if<LogPlace>(&message.place);
    const bool in_log = log != nullptr && log->offset >= 0;
    const auto as_bytes = [](const std::optional<std::string>& text) {
        return text ? std::optional{Bytes{*text}} : std::nullopt;
    };
    const std::string headers = headers_to_json(message.headers);
    const auto rows = tx.execute(
        "insert into consumer.work (consumer, message_id, tenant, state, attempt, due_at, reason, "
        "fingerprint, "
        "hold, topic, log_topic, log_partition, log_offset, key, value, headers) "
        "values ($1, $2, $3, $4, $5, clock_timestamp() + $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
        "on conflict do nothing returning 1",
        worker.consumer, task.id, tenant_of(message), name(verdict.state),
        std::int32_t{verdict.failed ? task.attempt : 0}, verdict.due_in, verdict.reason,
        fingerprint(verdict.reason), or_null(verdict.hold), message.topic,
        in_log ? std::optional<std::string>{log->partition.topic} : std::nullopt,
        in_log ? std::optional<std::int32_t>{log->partition.partition} : std::nullopt,
        in_log ? std::optional<std::int64_t>{log->offset} : std::nullopt, as_bytes(message.key),
        as_bytes(message.value), Json{headers});
    if (rows.empty()) return false;
    keep_attempt(tx, worker, task, verdict);
    tell_of_death(tx, worker, task, verdict);
    return true;
}

void settle_done(Transaction& tx, const Worker& worker, std::span<const Uuid> ids) {
    if (ids.empty()) return;
    // Nothing else would say when it was done, and that it was.
    const auto gone = tx.execute(
        "with gone as (delete from consumer.work w where consumer = $1 and message_id = any ($2) and exists "
        "(select from consumer.inbox i where i.consumer = $1 and i.message_id = any ($2) and i.message_id = "
        "w.message_id) returning w.message_id, w.tenant, w.attempt, w.cause) "
        "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, reason, build) "
        "select message_id, $1, tenant, attempt + 1, cause, 'done', '', $3 from gone",
        worker.consumer, ids, worker.build);
    if (gone.affected() == ids.size()) return;
    tx.execute(
        "update consumer.work set state = 'done', due_at = null, hold = null, key = null, value = null, "
        "headers = null, changed_at = clock_timestamp(), begun_by = null, begun_until = null, "
        "begun_alone = false, crashes = 0, reason = 'it was done, and its place in the inbox has gone with "
        "its day' "
        "where consumer = $1 and message_id = any ($2)",
        worker.consumer, ids);
}

void settle(Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict) {
    // What an operator sent back without its bytes gets them now, so that the archive's may go.
    tx.execute(
        "update consumer.work set state = $3, attempt = $4, due_at = clock_timestamp() + $5, reason = $6, "
        "fingerprint = $7, hold = $8, changed_at = clock_timestamp(), begun_by = null, begun_until = null, "
        "begun_alone = false, crashes = 0, since = case when attempt = 0 then clock_timestamp() else since "
        "end, "
        "key = coalesce(key, $9), value = coalesce(value, $10), "
        "headers = coalesce(headers, $11) where consumer = $1 and message_id = $2",
        worker.consumer, task.id, name(verdict.state),
        std::int32_t{verdict.failed ? task.attempt : task.attempt - 1}, verdict.due_in, verdict.reason,
        fingerprint(verdict.reason), or_null(verdict.hold),
        task.message->key ? std::optional{Bytes{*task.message->key}} : std::nullopt,
        task.message->value ? std::optional{Bytes{*task.message->value}} : std::nullopt,
        Json{headers_to_json(task.message->headers)});
    keep_attempt(tx, worker, task, verdict);
    tell_of_death(tx, worker, task, verdict);
}

}  // namespace tollgate::consumer
