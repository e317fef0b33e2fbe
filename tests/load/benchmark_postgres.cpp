#include "crypto/hex.hpp"
#include "crypto/random.hpp"
#include "load/benchmarks.hpp"
#include "load/measure.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::load {

namespace {

constexpr std::size_t rounds = 9;
constexpr std::size_t batches_per_round = 40;
constexpr std::size_t rows_per_batch = 64;

// As bytes, the way our connections send everything.
void insert_binary(postgres::Connection& connection, const std::vector<std::string>& bodies) {
    std::vector<postgres::Bytes> values;
    for (const std::string& body : bodies) values.push_back({body});
    connection.execute("insert into load_event select * from unnest($1)", values);
}

// As an array literal of hexadecimal text: all that a client without binary parameters can send.
void insert_text(postgres::Connection& connection, const std::vector<std::string>& bodies) {
    std::string literal = "{";
    for (const std::string& body : bodies) {
        if (literal.size() > 1) literal += ',';
        literal += "\"\\\\x" + crypto::hex_encode(body) + '"';
    }
    literal += '}';
    connection.execute("insert into load_event select * from unnest($1::text::bytea[])", literal);
}

}  // namespace

Result<Figures> postgres(const Surroundings& surroundings) {
    auto opened = postgres::Connection::open({.url = Secret{surroundings.database_url}});
    if (!opened) return std::unexpected{opened.error()};
    postgres::Connection& connection = *opened;
    connection.execute_script("create table load_event (body bytea)");

    Figures figures;
    for (const std::size_t kibibytes : {1UZ, 4UZ}) {
        std::vector<std::string> bodies;
        for (std::size_t i = 0; i < rows_per_batch; ++i)
            bodies.push_back(crypto::random_bytes(kibibytes * 1024));
        const Medians seconds = alternating_medians(
            rounds,
            [&] {
                return seconds_per_operation(batches_per_round, [&] { insert_binary(connection, bodies); });
            },
            [&] {
                return seconds_per_operation(batches_per_round, [&] { insert_text(connection, bodies); });
            });
        connection.execute_script("truncate load_event");
        figures.push_back({.name = fmt::format("commit {} rows of {} KiB", rows_per_batch, kibibytes),
                           .value = static_cast<double>(rows_per_batch) / seconds.measured,
                           .unit = "rows/s",
                           .better = Better::higher,
                           .baseline = static_cast<double>(rows_per_batch) / seconds.baseline,
                           .goal = std::nullopt});
        // Below this the two libraries beside each other would be the better bargain.
        figures.push_back({.name = fmt::format("binary against text, {} KiB", kibibytes),
                           .value = seconds.baseline / seconds.measured,
                           .unit = "x",
                           .better = Better::higher,
                           .baseline = 1,
                           .goal = 1.2});
    }
    return figures;
}

}  // namespace tollgate::load
