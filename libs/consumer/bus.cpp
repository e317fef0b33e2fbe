#include "consumer/bus.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>

#include <boost/json/array.hpp>

#include "consumer/waiting.hpp"
#include "core/nearest.hpp"
#include "journal/readers.hpp"
#include "tenants/audit.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Transaction;

constexpr std::array<std::string_view, 2> names{"journal", "kafka"};
constexpr std::string_view relay = "relay";
// Leases of duties that are the same on both.
constexpr std::array<std::string_view, 2> of_no_bus{"ingress.retention", "journal.keeper"};

Bus bus_of(const Row& row, std::size_t column) {
    return row.get<std::string_view>(column) == name(Bus::kafka) ? Bus::kafka : Bus::journal;
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    for (const auto word : std::views::split(text, ' ')) found.emplace_back(std::string_view{word});
    return found;
}

// Who is in the way, and how to get it out of it.
Result<void> refuse_while_held(Transaction& tx, InTheWay who) {
    const auto rows = tx.execute(
        "select l.name, l.holder from tollgate.lease l where l.until >= clock_timestamp() and l.name <> all "
        "($1) "
        "order by l.name",
        std::span{of_no_bus}.first(who == InTheWay::everybody ? 0 : of_no_bus.size()));
    if (rows.empty()) return {};
    std::vector<std::string> held;
    for (const Row row : rows)
        held.push_back(fmt::format("{} (process {})", row.get<std::string_view>(0), row.get<Uuid>(1)));
    return fail(ErrorCode::conflict,
                "the bus is in use: a live process holds {}. Stop it, wait two seconds, and try again",
                fmt::join(held, ", "));
}

// Members that read from Kafka hold no lease, nor does one that stands by.
Result<void> refuse_while_connected(Transaction& tx) {
    std::vector<std::string> connected;
    for (const auto& [consumer, connections] : count_connections(tx)) {
        if (connections > 0) connected.push_back(consumer);
    }
    if (connected.empty()) return {};
    return fail(
        ErrorCode::conflict,
        "the bus is in use: consumers are connected to the database, {}. Stop their processes, and try "
        "again",
        fmt::join(connected, ", "));
}

std::int64_t unread_by_relay(Transaction& tx) {
    const auto readers = journal::list_readers(tx);
    const auto found = std::ranges::find(readers, relay, &journal::ReaderState::name);
    if (found == readers.end()) return 0;
    // Numbers are drawn before entries commit, so there may be something where none is left.
    return std::max<std::int64_t>(found->unread, found->behind_since ? 1 : 0);
}

}  // namespace

std::string_view name(Bus bus) {
    return names.at(static_cast<std::size_t>(bus));
}

Result<Bus> parse_bus(std::string_view text) {
    for (const Bus bus : {Bus::journal, Bus::kafka}) {
        if (name(bus) == text) return bus;
    }
    return fail(ErrorCode::invalid, "there is no bus \"{}\", but journal and kafka{}", text,
                did_you_mean(text, names));
}

BusState read_bus(Transaction& tx) {
    const auto rows = tx.execute(
        "select b.bus, b.since, array_to_string(b.readers, ' '), "
        "(select coalesce(string_agg(c.name, ' ' order by c.name), '') from consumer.consumer c "
        "where c.refill_after is not null) from consumer.bus b");
    const Row row = rows.only();
    return {.bus = bus_of(row, 0),
            .since = row.get<Timestamp>(1),
            .retired_readers = words(row.get<std::string_view>(2)),
            .refilling = words(row.get<std::string_view>(3))};
}

Result<void> require_bus(postgres::Pool& pool, Bus mine) {
    const auto state = postgres::transact(pool, [](Transaction& tx) { return read_bus(tx); });
    if (!state) return std::unexpected{state.error()};
    if (state->bus == mine) return {};
    return fail(ErrorCode::misconfigured,
                "this process was made for the bus {}, as it has {}, and the bus is {} since {}: change its "
                "configuration, or run `tollgate bus {}` while nobody uses it",
                name(mine), mine == Bus::kafka ? "kafka.brokers" : "no kafka.brokers", name(state->bus),
                to_rfc3339(state->since), name(mine));
}

Result<BusSwitch> switch_bus(Transaction& tx, const tenants::Actor& actor, Bus to, InTheWay who,
                             std::string_view reason) {
    if (const auto admitted = tenants::admit_to_platform(tx, actor, tenants::Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    BusSwitch done{.from = read_bus(tx).bus, .to = to};
    if (!done.changed()) return done;
    if (const auto free = refuse_while_held(tx, who); !free) return std::unexpected{free.error()};
    if (const auto free = refuse_while_connected(tx); !free) return std::unexpected{free.error()};
    if (to == Bus::journal) done.unread = unread_by_relay(tx);
    const auto turned =
        tx.execute(to == Bus::kafka ? "select array_to_string(consumer.turn_to_kafka(), ' ')"
                                    : "select array_to_string(consumer.turn_to_journal(), ' ')");
    if (turned.only().is_null(0)) {
        // Another one has done it while we waited.
        done.from = to;
        return done;
    }
    done.readers = words(turned.only().get<std::string_view>(0));
    if (to == Bus::kafka) done.unread = unread_by_relay(tx);
    tenants::record(tx, actor,
                    {.verb = to == Bus::kafka ? "bus kafka" : "bus journal",
                     .arguments = {},
                     .result = {{"readers", boost::json::array(done.readers.begin(), done.readers.end())},
                                {"unread", done.unread}},
                     .reason = reason});
    return done;
}

Result<BusSwitch> begin_with_bus(Transaction& tx, const tenants::Actor& actor, Bus to,
                                 std::string_view reason) {
    const auto first = tx.execute(
        "insert into consumer.bus_choice default values on conflict do nothing returning only_row");
    if (first.empty()) {
        const Bus bus = read_bus(tx).bus;
        return BusSwitch{.from = bus, .to = bus, .readers = {}, .unread = 0};
    }
    return switch_bus(tx, actor, to, InTheWay::everybody, reason);
}

}  // namespace tollgate::consumer
