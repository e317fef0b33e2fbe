#include "journal/watch.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using std::chrono::milliseconds;
using test::Journal;
using test::must;
using test::TestReader;

namespace {

journal::ReaderState state_of(Journal& journal, const std::string& reader) {
    for (const journal::ReaderState& state : must(journal::list_readers(journal.connection()))) {
        if (state.name == reader) return state;
    }
    throw std::runtime_error{"there is no reader " + reader};
}

double number_after(const std::string& text, const std::string& name) {
    const std::size_t at = text.find(name);
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size()));
}

}  // namespace

TEST_CASE("what a reader has not passed is counted, and how long it has been there") {
    Journal journal;
    TestReader reader{journal, "billing"};
    CHECK(state_of(journal, "billing").unread == 0);
    CHECK_FALSE(state_of(journal, "billing").behind_since.has_value());
    journal.append({1, 2});
    journal.tick();
    journal.append({3});
    journal.tick();
    const auto behind = state_of(journal, "billing");
    CHECK(behind.unread == 3);
    REQUIRE(behind.behind_since.has_value());
    CHECK(*behind.behind_since <= must(journal::read_state(journal.connection())).read_at);
    reader.read_all();
    CHECK(state_of(journal, "billing").unread == 0);
    CHECK_FALSE(state_of(journal, "billing").behind_since.has_value());
}

TEST_CASE("the state of the journal is asked of indexes, however much is in it") {
    Journal journal;
    TestReader reader{journal, "billing"};
    for (int i = 0; i < 20; ++i) {
        journal.append(std::vector<std::int64_t>(500, i));
        journal.tick();
    }
    postgres::Connection connection = test::open(journal.settings());
    const auto scanned = [&] {
        connection.execute("select pg_stat_force_next_flush()::text");
        connection.execute("select pg_stat_clear_snapshot()::text");
        return connection
            .execute(
                "select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint from pg_stat_user_tables "
                "where schemaname = 'journal'")
            .only()
            .get<std::int64_t>(0);
    };
    const auto before = scanned();
    must(journal::read_state(connection));
    CHECK(scanned() - before < 100);
}

TEST_CASE("the watch shows lag and size, and says when the journal is full") {
    Journal journal;
    const TestReader reader{journal, "billing"};
    journal.append({1, 2, 3});
    journal.tick();
    telemetry::Metrics metrics;
    const auto shows = [&](const std::string& line) {
        return test::wait_until([&] { return metrics.text().contains(line); });
    };
    const journal::Watch watch{
        journal.settings(), {.database_bytes_max = 1000, .look_every = milliseconds{20}}, metrics};
    CHECK(shows("tollgate_journal_reader_unread_entries{reader=\"billing\"} 3\n"));
    CHECK(shows("tollgate_journal_bytes_max 8589934592\n"));
    CHECK(shows("tollgate_journal_reader_registered{reader=\"billing\"} 1\n"));
    CHECK(shows("tollgate_database_bytes_max 1000\n"));
    CHECK(test::wait_until([&] { return number_after(metrics.text(), "\ntollgate_database_bytes ") > 1e6; }));
    CHECK_FALSE(watch.is_full());

    const journal::Watch narrow{
        journal.settings(), {.bytes_max = 4096, .look_every = milliseconds{20}}, metrics};
    CHECK(test::wait_until([&] { return narrow.is_full(); }));
    // Consumers and operators append all the same.
    journal.append({4});
    postgres::Connection operators = test::open(journal.settings("operator"));
    must(journal::retire_reader(operators, "billing", true));
    CHECK(shows("tollgate_journal_reader_unread_entries{reader=\"billing\"} 0\n"));
    CHECK(shows("tollgate_journal_reader_registered{reader=\"billing\"} 0\n"));
}
