#include "ingress/store.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <tuple>

#include <fmt/format.h>

#include "archive/event_arrays.hpp"
#include "journal/append.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::ingress::store {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

// Arrays of one length, sorted, for unnest.
struct KeyColumns {
    std::vector<Uuid> tenants, sources, keys, event_ids, fingerprints;
    std::vector<std::optional<Timestamp>> expires;

    explicit KeyColumns(std::vector<Plan::NewKey> rows) {
        std::ranges::sort(rows, {}, &Plan::NewKey::key);
        for (const Plan::NewKey& row : rows) {
            tenants.push_back(row.key.tenant);
            sources.push_back(row.key.source);
            keys.push_back(row.key.key);
            event_ids.push_back(row.event_id);
            fingerprints.push_back(row.fingerprint);
            expires.push_back(row.expires);
        }
    }
};

const std::string& commit_sql() {
    static const std::string sql = fmt::format(
        R"sql(
        with won as (
            insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint, expires)
                select * from unnest($24, $25, $26, $27, $28, $29)
                on conflict do nothing
                returning event_id
        ), request as (
            select o.request,
                    case count(w.event_id) when o.keys then true
                         when 0 then false else ingress.part_is_won() end as is_new
                from unnest($1, $22, $23) as o(id, request, keys) left join won w on w.event_id = o.id
                group by o.request, o.keys
        ), written as (
            insert into archive.event ({columns})
                select {columns} from unnest({parameters}, $22) as e({columns}, request)
                    join request r using (request) where r.is_new
                returning id, tenant
        ), appended as (
            -- By id, which is the order that they came in.
            insert into journal.entry (child, tenant, topic, event_id)
                select (select s.child from journal.state s), w.tenant, 'raw', w.id from written w order by w.id
        )
        select request from request where is_new
        )sql",
        fmt::arg("columns", archive::event_columns), fmt::arg("parameters", archive::event_parameters));
    return sql;
}

// The same of one event with one key, as it comes while nothing else does. Without arrays to take apart and
// to join again the server needs less than half of the time.
const std::string& commit_one_sql() {
    static const std::string sql = fmt::format(
        R"sql(
        with won as (
            insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint, expires)
                values ($22, $23, $24, $25, $26, $27)
                on conflict do nothing
                returning event_id
        ), written as (
            insert into archive.event ({columns}) select {parameters} from won returning id, tenant
        ), appended as (
            insert into journal.entry (child, tenant, topic, event_id)
                select (select s.child from journal.state s), w.tenant, 'raw', w.id from written w
        )
        select from won
        )sql",
        fmt::arg("columns", archive::event_columns), fmt::arg("parameters", archive::event_parameters));
    return sql;
}

bool is_one_with_one_key(std::span<const Events* const> requests) {
    return requests.size() == 1 && requests.front()->size() == 1 &&
           requests.front()->front().keys.size() == 1;
}

bool commit_one(Connection& connection, const NewEvent& one) {
    const std::array events{&one.event};
    const DedupeKey key = one.key(0);
    const auto won = std::apply(
        [&](const auto&... arrays) {
            return connection.execute(commit_one_sql(), arrays.front()..., key.tenant, key.source, key.key,
                                      one.event.id, one.fingerprint, one.keys_expire);
        },
        archive::event_arrays(events));
    return !won.empty();
}

}  // namespace

std::vector<bool> commit_new(Connection& connection, std::span<const Events* const> requests) {
    if (is_one_with_one_key(requests)) return {commit_one(connection, requests.front()->front())};
    std::vector<const archive::Event*> events;
    std::vector<std::int32_t> request_of;  // for each event
    std::vector<std::int32_t> keys_of;     // for each event: of its request
    std::vector<Plan::NewKey> keys;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        std::size_t keys_before = keys.size();
        for (const NewEvent& one : *requests[i]) {
            events.push_back(&one.event);
            for (std::size_t k = 0; k < one.keys.size(); ++k)
                keys.push_back({one.key(k), one.event.id, one.fingerprint, one.keys_expire});
        }
        request_of.resize(events.size(), static_cast<std::int32_t>(i));
        keys_of.resize(events.size(), static_cast<std::int32_t>(keys.size() - keys_before));
    }
    const KeyColumns rows{std::move(keys)};
    const auto won = std::apply(
        [&](const auto&... arrays) {
            return connection.execute(commit_sql(), arrays..., request_of, keys_of, rows.tenants,
                                      rows.sources, rows.keys, rows.event_ids, rows.fingerprints,
                                      rows.expires);
        },
        archive::event_arrays(events));
    std::vector<bool> committed(requests.size(), false);
    for (const Row row : won) committed[static_cast<std::size_t>(row.get<std::int32_t>(0))] = true;
    return committed;
}

KnownKeys find(Connection& connection, std::span<const DedupeKey> keys) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> sources;
    std::vector<Uuid> names;
    for (const DedupeKey& key : keys) {
        tenants.push_back(key.tenant);
        sources.push_back(key.source);
        names.push_back(key.key);
    }
    const auto rows = connection.execute(
        "select k.tenant, k.source, k.key, k.event_id, k.fingerprint "
        "from unnest($1, $2, $3) as wanted(tenant, source, key) cross join lateral "
        "(select * from ingress.dedupe_key d where d.tenant = wanted.tenant and d.source = wanted.source "
        "and d.key = wanted.key limit 1) k",
        tenants, sources, names);
    KnownKeys known;
    for (const Row row : rows) {
        known[{row.get<Uuid>(0), row.get<Uuid>(1), row.get<Uuid>(2)}] = {row.get<Uuid>(3), row.get<Uuid>(4)};
    }
    return known;
}

namespace {

void hold(Transaction& transaction, std::span<const Plan::Hold> holds) {
    const auto each = [holds](auto archive::Event::* member) {
        return std::views::transform(
            holds, [member](const Plan::Hold& hold) -> const auto& { return hold.event->*member; });
    };
    transaction.execute(
        "insert into ingress.held (tenant, event_id, source, provider, type, provider_event_id, "
        "conflicts_with, reason) "
        "select h.*, 'its id came before with other content' from unnest($1, $2, $3, $4, $5, $6, $7) h",
        each(&archive::Event::tenant), each(&archive::Event::id), each(&archive::Event::source),
        each(&archive::Event::provider), each(&archive::Event::type),
        each(&archive::Event::provider_event_id), std::views::transform(holds, &Plan::Hold::conflicts_with));
}

}  // namespace

bool carry_out(Connection& connection, const Plan& plan) {
    const KeyColumns rows{plan.keys};
    Transaction transaction{connection};
    const auto won = transaction.execute(
        "insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint, expires) "
        "select * from unnest($1, $2, $3, $4, $5, $6) on conflict do nothing",
        rows.tenants, rows.sources, rows.keys, rows.event_ids, rows.fingerprints, rows.expires);
    if (won.affected() != plan.keys.size()) return false;
    if (!plan.events.empty()) archive::write(transaction, plan.events);
    if (!plan.entries.empty()) journal::append(transaction, plan.entries);
    if (!plan.holds.empty()) hold(transaction, plan.holds);
    transaction.commit();
    return true;
}

void make_durable(Connection& connection) {
    // A commit waits for the standbys to have all that was written before it, if it has written anything
    // itself.
    connection.execute(
        "select pg_logical_emit_message(true, 'tollgate', '') "
        "where current_setting('synchronous_standby_names') <> ''");
}

}  // namespace tollgate::ingress::store
