#include "consumer/intake.hpp"

#include <algorithm>
#include <unordered_set>

#include "crypto/digest.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

constexpr Timestamp first_plausible = sys_days{std::chrono::year{2020} / 1 / 1};
// Older days may be dropped; they are rare, and asked for each time.
constexpr days remembered{3};
constexpr std::uint8_t version_bits = 0x70;
constexpr std::uint8_t variant_bits = 0x80;

std::int64_t day_of(const Uuid& id) {
    return floor<days>(time_of(id)).time_since_epoch().count();
}

bool is_plausible(Timestamp time, Timestamp now) {
    return time >= first_plausible && time < now + days{1};
}

// Of what has no id that could be ours. By its record's time, so that it is forgotten with that day.
Uuid stand_in(const Message& message, Timestamp now) {
    const Timestamp logged = message.logged_at.value_or(first_plausible);
    Uuid id = first_uuid_v7_at(is_plausible(logged, now) ? logged : first_plausible);
    const std::string what = text(message.place) + '\0' + message.value.value_or("");
    const std::string digest = crypto::sha256(what);
    constexpr std::size_t time_bytes = 6;
    for (std::size_t i = time_bytes; i < id.bytes.size(); ++i)
        id.bytes[i] = static_cast<std::uint8_t>(digest[i]);
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | version_bits);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | variant_bits);
    return id;
}

bool is_newer(const Message& message) {
    return message.attributes && events::is_newer_major(message.attributes->schema_version);
}

std::optional<Verdict> verdict_on_its_own(const Message& message, bool has_own_id) {
    if (is_newer(message)) {
        return held("newer_version",
                    fmt::format("it is of version {}, and this build reads up to {}",
                                message.attributes->schema_version.text(), events::current_schema.text()));
    }
    if (message.flaw) return dead(message.flaw->text());
    if (!message.value) return dead("invalid: it has no value");
    if (!has_own_id) return dead("invalid: ce_id is no id of ours");
    return std::nullopt;
}

}  // namespace

bool is_plausible(const Uuid& id, Timestamp now) {
    return (id.bytes[6] & 0xF0U) == version_bits && is_plausible(time_of(id), now);
}

Uuid id_of(const Message& message, Timestamp now) {
    // A broken copy must not take the place of the good one that has this id.
    const bool is_broken = message.flaw && message.flaw->code == ErrorCode::invalid && !is_newer(message);
    if (is_broken || !message.id || !is_plausible(*message.id, now)) return stand_in(message, now);
    return *message.id;
}

std::vector<Item> take_in(std::span<const Message> messages, const Uuid& since, Timestamp now) {
    std::vector<Item> items;
    items.reserve(messages.size());
    std::unordered_set<Uuid> seen;
    for (const Message& message : messages) {
        Item item{.task = {.message = &message, .id = id_of(message, now)}};
        item.passed_over = !seen.insert(item.task.id).second || item.task.id < since;
        if (!item.passed_over) item.verdict = verdict_on_its_own(message, item.task.id == message.id);
        items.push_back(std::move(item));
    }
    return items;
}

Result<void> Days::prepare_for(postgres::Connection& connection, std::span<Item> items, Timestamp now) {
    std::vector<Uuid> unknown;
    for (const Item& item : items) {
        if (!item.passed_over && !known_.contains(day_of(item.task.id))) unknown.push_back(item.task.id);
    }
    if (unknown.empty()) return {};
    const auto dropped = postgres::transact(connection, [&](postgres::Transaction& tx) {
        std::unordered_set<Uuid> ids;
        for (const auto row : tx.execute("select consumer.make_days_of($1)", unknown))
            ids.insert(row.get<Uuid>(0));
        return ids;
    });
    if (!dropped) return std::unexpected{dropped.error()};
    for (Item& item : items) {
        if (dropped->contains(item.task.id)) {
            item.without_inbox = true;
            if (!item.verdict) {
                item.verdict = held(
                    "too_old", "its day was dropped, so whether it was done before is not known any more");
            }
        } else if (!item.passed_over && time_of(item.task.id) > now - remembered) {
            known_.insert(day_of(item.task.id));
        }
    }
    return {};
}

}  // namespace tollgate::consumer
