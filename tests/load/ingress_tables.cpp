#include "load/ingress_tables.hpp"

#include <thread>

#include <fmt/format.h>

#include "load/process_usage.hpp"
#include "postgres/migrate.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::load {

namespace {

constexpr int days_back = 34;  // and today: the age that events are kept to
constexpr std::string_view tenant = "'01900000-0000-7000-8000-000000000001'";
constexpr std::string_view source = "'01900000-0000-7000-8000-000000000002'";

// Statements that take minutes.
postgres::Connection open_patient(const Surroundings& surroundings) {
    return must(postgres::Connection::open({.url = Secret{surroundings.database_url},
                                            .application_name = "load",
                                            .statement_timeout = std::chrono::hours{1}}));
}

// Of events received evenly from `from` to `to` seconds before now.
std::string fill_sql(std::uint64_t rows, std::int64_t from, std::int64_t to) {
    // The id's time, then its version and its variant among random digits.
    return fmt::format(
        R"sql(
        with event as materialized (
            select (lpad(to_hex(((extract(epoch from now()) - {to} + i * {step:.9f}) * 1000)::bigint), 12, '0')
                    || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15))::uuid as id, random, i
                from generate_series(1, {rows}) i, lateral (select md5(i::text || {to}) as random) r
        ), archived as (
            insert into archive.event (id, tenant, source, provider, type, provider_event_id, provider_time, subject,
                                       ordering_key, content_type, mode, proof, secret, received_from, headers, body)
                select id, {tenant}, 'stripe', 'stripe', 'charge.succeeded', 'evt_' || left(random, 24), now(),
                        'ch_' || left(random, 24), 'ch_' || left(random, 24), 'application/json; charset=utf-8', 'live',
                        'signature', {source}, '127.0.0.1',
                        convert_to('stripe-signature: t=1790000000,v1=' || random || random, 'UTF8'),
                        convert_to('{{"id":"evt_' || left(random, 24) || '","data":"' || random || random || random ||
                                   random || '0123456789abcdef012345678"}}', 'UTF8')
                    from event
        )
        insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint, expires)
            select {tenant}, {source}, gen_random_uuid(), id, random::uuid, now() + interval '40 days' from event
        )sql",
        fmt::arg("to", to), fmt::arg("rows", rows), fmt::arg("tenant", tenant), fmt::arg("source", source),
        fmt::arg("step", static_cast<double>(to - from) / static_cast<double>(rows)));
}

}  // namespace

IngressTables::IngressTables(const Surroundings& surroundings)
    : surroundings_{surroundings}, connection_{open_patient(surroundings)} {
    must(postgres::migrate(connection_, all_schemas(), [](const std::string&) {}));
    connection_.execute_script("grant pg_checkpoint to current_user");
    postgres::Connection service =
        must(postgres::Connection::open({.url = Secret{surroundings.service_database_url}}));
    must(postgres::grant_roles(connection_,
                               service.execute("select current_user::text").only().get<std::string>(0)));
}

void IngressTables::empty() {
    connection_.execute_script("truncate archive.event, ingress.dedupe_key, ingress.held, journal.entry");
    checkpoint();
}

void IngressTables::checkpoint() {
    connection_.execute_script("checkpoint");
}

void IngressTables::fill(std::uint64_t rows) {
    // Days from the first on, by an id of each.
    connection_.execute_script(
        fmt::format("select archive.make_day_of(archive.first_id_of((now() at time zone 'UTC')::date - day)) "
                    "from generate_series(0, {}) day; "
                    "alter table archive.event drop constraint event_pkey; "
                    "alter table ingress.dedupe_key drop constraint dedupe_key_pkey",
                    days_back + 1));
    {
        // In pieces that fit into memory, by as many as there are cores.
        constexpr std::uint64_t rows_in_piece = 200'000;
        constexpr std::uint64_t writers = 2;
        const std::uint64_t pieces = (rows + rows_in_piece - 1) / rows_in_piece;
        const std::int64_t seconds = days_back * 86'400;
        const auto ago = [&](std::uint64_t piece) {
            return seconds - seconds * static_cast<std::int64_t>(piece) / static_cast<std::int64_t>(pieces);
        };
        std::vector<std::jthread> threads;
        for (std::uint64_t writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&, writer] {
                postgres::Connection connection = open_patient(surroundings_);
                connection.execute_script("set synchronous_commit = off; set work_mem = '256MB'");
                for (std::uint64_t piece = writer; piece < pieces; piece += writers) {
                    const std::uint64_t count = std::min(rows_in_piece, rows - piece * rows_in_piece);
                    connection.execute_script(fill_sql(count, ago(piece + 1) + 1, ago(piece) + 1));
                }
            });
        }
    }
    connection_.execute_script(
        "set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 2; "
        "alter table archive.event add primary key (id); "
        "alter table ingress.dedupe_key add primary key (tenant, source, key)");
    connection_.execute_script("vacuum (analyze) archive.event, ingress.dedupe_key");
    checkpoint();
}

IngressTables::Stored IngressTables::stored(const Tally& tally, Timestamp since) {
    std::vector<Uuid> ids;
    for (const Uuid& id : tally.event_ids) {
        if (id != Uuid{}) ids.push_back(id);
    }
    const auto row = connection_
                         .execute(
                             "with acknowledged as (select distinct id from unnest($1) a(id)), "
                             "stored as (select id from archive.event where id >= $2) "
                             "select (select count(*) from acknowledged), (select count(*) from stored), "
                             "(select count(*) from acknowledged join stored using (id)), "
                             "(select count(*) from journal.entry where event_id >= $2), "
                             "(select count(*) from ingress.dedupe_key where event_id >= $2)",
                             ids, first_uuid_v7_at(since))
                         .only()
                         .as<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>();
    return std::apply([](auto... counts) { return Stored{static_cast<std::uint64_t>(counts)...}; }, row);
}

std::int64_t IngressTables::wal_bytes() {
    return connection_.execute("select (pg_current_wal_insert_lsn() - '0/0')::bigint")
        .only()
        .get<std::int64_t>(0);
}

double IngressTables::cpu_seconds() {
    // All are children of the one that every backend's parent is.
    return cpu_seconds_with_children(usage_of(std::to_string(connection_.backend_pid())).parent);
}

}  // namespace tollgate::load
