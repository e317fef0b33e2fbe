#include "load/pgbench.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "crypto/hex.hpp"
#include "load/stripe_body.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::load {

namespace {

constexpr const char* program = "/usr/lib/postgresql/15/bin/pgbench";
// Linux takes no argument of a program above 128 KiB, and no more than 2 MiB in all.
constexpr std::size_t argument_bytes_max = 120'000;
constexpr std::size_t arguments_bytes_max = 1'200'000;

// Without quotes and colons, in which pgbench would look for variables.
std::string text_literal(const std::optional<std::string>& text) {
    return text ? "convert_from('\\x" + crypto::hex_encode(*text) + "', 'UTF8')" : "null";
}

template <typename T>
std::string number_literal(const char* format, const std::optional<T>& number) {
    return number ? fmt::format(fmt::runtime(format), *number) : "null";
}

// The bodies of one statement: equal parts, each a parameter. Beyond what fits they are sent again.
struct Bodies {
    Bodies(std::size_t rows, std::size_t body_bytes) {
        const std::size_t fitting = std::max<std::size_t>(argument_bytes_max / body_bytes, 1);
        parts = (rows + fitting - 1) / fitting;
        rows_in_part = (rows + parts - 1) / parts;
        const std::size_t distinct =
            std::clamp<std::size_t>(arguments_bytes_max / (rows_in_part * body_bytes), 1, parts);
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const StripeBody body{body_bytes, 4711, now};
        for (std::size_t i = 0; i < distinct; ++i) {
            texts.emplace_back();
            for (std::size_t row = 0; row < rows_in_part; ++row)
                body.append(i * rows_in_part + row, texts.back());
        }
    }

    std::size_t parts = 0;
    std::size_t rows_in_part = 0;
    std::vector<std::string> texts;  // of the first parts
};

// With the expression for a row's body in its place.
std::string with_body(std::string inserts, const std::string& body) {
    const std::size_t at = inserts.find(Pgbench::body);
    return at == std::string::npos ? inserts : inserts.replace(at, Pgbench::body.size(), body);
}

std::string script(const PgbenchSettings& settings, const Bodies& bodies, const std::string& inserts) {
    std::string parts;
    std::string cut;
    for (std::size_t part = 0; part < bodies.parts; ++part) {
        parts += fmt::format("{}textsend(:b{}::text) as part{}", part == 0 ? "" : ", ",
                             part % bodies.texts.size(), part);
        cut += fmt::format(" when {} then substring(part{} from place * {} + 1 for {})", part, part,
                           settings.body_bytes, settings.body_bytes);
    }
    // In one line, as pgbench likes it. An id is the time, then random digits that the rows of one statement
    // share but for the last eight.
    return fmt::format(
               "with made as materialized ("
               "select lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' "
               "|| "
               "substr(random, 1, 3) || '8' || substr(random, 18, 7) as prefix "
               "from (select replace(gen_random_uuid()::text, '-', '') as random) r"
               "), event as materialized ("
               "select (prefix || to_hex(268435456 + i))::uuid as id, gen_random_uuid() as key, "
               "i / {rows_in_part} as part, "
               "i % {rows_in_part} as place from made, generate_series(0, {last}) i"
               "), bodies as materialized (select {parts})",
               fmt::arg("rows_in_part", bodies.rows_in_part),
               fmt::arg("last", settings.rows_per_transaction - 1), fmt::arg("parts", parts)) +
           with_body(inserts, fmt::format("case part{} end", cut)) + ";\n";
}

double number_after(const std::string& output, const std::string& words) {
    const std::size_t found = output.find("\n" + words);
    if (found == std::string::npos)
        throw std::runtime_error{fmt::format("pgbench did not say \"{}\": {}", words, output)};
    return std::stod(output.substr(found + 1 + words.size()));
}

// "client transaction microseconds ..." by line.
Latencies read_latencies(const std::filesystem::path& folder) {
    Latencies latencies;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (!entry.path().filename().string().starts_with("latencies")) continue;
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) {
            std::istringstream fields{line};
            std::int64_t client = 0;
            std::int64_t transaction = 0;
            std::int64_t microseconds = 0;
            fields >> client >> transaction >> microseconds;
            latencies.record(std::chrono::microseconds{microseconds});
        }
    }
    return latencies;
}

}  // namespace

Pgbench Pgbench::like_newest_event(const Surroundings& surroundings) {
    postgres::Connection connection = open_database(surroundings, "load");
    const postgres::Rows newest = connection.execute(
        "select k.tenant, k.source, extract(epoch from k.expires)::bigint, e.source, e.provider, e.type, "
        "e.provider_event_id, extract(epoch from e.provider_time)::bigint, e.subject, e.ordering_key, "
        "e.content_type, e.traceparent, e.account, e.mode, e.proof, e.secret, e.received_from, e.headers "
        "from archive.event e join ingress.dedupe_key k on k.event_id = e.id order by e.id desc limit 1");
    const postgres::Row row = newest.only();
    using Text = std::optional<std::string>;
    using Number = std::optional<std::int64_t>;
    const std::string tenant = fmt::format("'{}'::uuid", row.get<Uuid>(0));
    constexpr const char* time = "to_timestamp({})";
    std::string event_row = tenant;
    for (std::size_t column = 3; column < 17; ++column) {
        event_row += ", ";
        event_row += column == 7    ? number_literal(time, row.get<Number>(column))
                     : column == 15 ? number_literal("'{}'::uuid", row.get<std::optional<Uuid>>(column))
                                    : text_literal(row.get<Text>(column));
    }
    event_row += ", '\\x" + crypto::hex_encode(row.get<std::string>(17)) + "'::bytea";
    const std::string key_row =
        fmt::format("{}, '{}'::uuid, {}", tenant, row.get<Uuid>(1), number_literal(time, row.get<Number>(2)));
    return inserting(
        surroundings,
        fmt::format(", keys as (insert into ingress.dedupe_key (tenant, source, expires, key, event_id, "
                    "fingerprint) select {}, key, id, key from event"
                    "), events as (insert into archive.event (tenant, source, provider, type, "
                    "provider_event_id, provider_time, subject, ordering_key, content_type, traceparent, "
                    "account, mode, proof, secret, received_from, headers, id, body) "
                    "select {}, id, {} from event, bodies"
                    ") insert into journal.entry (child, tenant, topic, event_id) "
                    "select child, {}, 'raw', id from event, journal.state",
                    key_row, event_row, body, tenant));
}

PgbenchRun Pgbench::run(const PgbenchSettings& settings) const {
    const Bodies bodies{settings.rows_per_transaction, settings.body_bytes};
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "script.sql";
    std::ofstream{file} << script(settings, bodies, inserts_);
    std::vector<std::string> arguments{"--no-vacuum", "--protocol=prepared",
                                       "--client=" + std::to_string(settings.connections),
                                       "--time=" + std::to_string(settings.length.count()), "--file=" + file};
    if (settings.latencies) {
        arguments.emplace_back("--log");
        arguments.push_back("--log-prefix=" + (folder.path() / "latencies").string());
    }
    for (std::size_t i = 0; i < bodies.texts.size(); ++i)
        arguments.push_back(fmt::format("--define=b{}={}", i, bodies.texts[i]));
    // The bodies of a large statement would else go through a file.
    test::ChildProcess process{
        program, arguments, {{"PGDATABASE", database_url_}, {"PGOPTIONS", "-c work_mem=64MB"}}};
    if (process.wait(settings.length + std::chrono::seconds{60}) != 0)
        throw std::runtime_error{"pgbench failed: " + process.err()};
    const auto rows = static_cast<double>(settings.rows_per_transaction);
    return {.rows_per_second = number_after(process.out(), "tps = ") * rows,
            .rows = number_after(process.out(), "number of transactions actually processed: ") * rows,
            .latencies = read_latencies(folder.path())};
}

}  // namespace tollgate::load
