// Lists of letters that are longer than what is shown of them, and that change meanwhile.
#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "consumer/event_story.hpp"
#include "consumer/letter_bytes.hpp"
#include "letters.hpp"
#include "postgres/transaction.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

const tenants::Actor ann{.name = "ann", .role = tenants::Role::operator_};

void as_owner(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute_script(sql);
}

// So many dead letters of each of three consumers, by turns.
void make_letters(const Shell& shell, const Uuid& tenant, int of_each) {
    as_owner(shell,
             fmt::format("insert into consumer.work (consumer, message_id, tenant, state, attempt, reason, "
                         "fingerprint, topic, changed_at) select c, gen_random_uuid(), '{}', 'dead', 1, "
                         "'no rate', 'f', 'raw', now() - (i / 2) * interval '1 ms' from "
                         "generate_series(1, {}) i, unnest('{{billing,delivery,enrichment}}'::text[]) c",
                         tenant, of_each));
    as_owner(shell, "analyze consumer.work");
}

// Rows of the table and entries of its index that the transaction has read.
std::int64_t read_of_work(postgres::Transaction& tx) {
    return tx
        .execute(
            "select sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint from pg_class c "
            "where c.oid = 'consumer.work'::regclass or c.oid in (select i.indexrelid from pg_index i where "
            "i.indrelid = 'consumer.work'::regclass)")
        .only()
        .get<std::int64_t>(0);
}

// Blocks likewise, which are more than those of what is found.
std::int64_t blocks_of_work(postgres::Transaction& tx) {
    return tx
        .execute(
            "select sum(pg_stat_get_xact_blocks_fetched(c.oid))::bigint from pg_class c "
            "where c.oid = 'consumer.work'::regclass or c.oid in (select i.indexrelid from pg_index i where "
            "i.indrelid = 'consumer.work'::regclass)")
        .only()
        .get<std::int64_t>(0);
}

// By event: how often a list by pages has shown it. `meanwhile` is called between them.
template <typename Meanwhile>
std::map<std::string, int> shown_by_pages(const Shell& shell, const std::string& list,
                                          const Meanwhile& meanwhile) {
    constexpr std::string_view before = "the next ones: --behind ";
    std::map<std::string, int> shown;
    std::string behind;
    for (bool more = true; more;) {
        const Ran page = shell(list + behind);
        REQUIRE(page.code == 0);
        std::size_t from = 0;
        for (std::size_t end = page.out.find('\n'); end != std::string::npos;
             end = page.out.find('\n', from)) {
            ++shown[json_text(page.out.substr(from, end - from), "event_id")];
            from = end + 1;
        }
        const std::size_t at = page.err.find(before);
        more = at != std::string::npos;
        if (more)
            behind = " --behind " +
                     page.err.substr(at + before.size(), page.err.find('\n', at) - at - before.size());
        meanwhile();
    }
    return shown;
}

}  // namespace

TEST_CASE("of many letters no more are read than are shown") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_letters(shell, acme, 3'000);
    postgres::Connection operating = open(shell.database().service("operator"));
    const auto read_for = [&](const auto& verb) {
        return transact(operating,
                        [&](postgres::Transaction& tx) -> Result<std::int64_t> {
                            const std::int64_t before = read_of_work(tx);
                            verb(tx);
                            return read_of_work(tx) - before;
                        })
            .value();
    };
    CHECK(read_for([](postgres::Transaction& tx) {
              CHECK(consumer::list_letters(tx, ann, {.limit = 10})->letters.size() == 10);
          }) < 200);
    CHECK(read_for([](postgres::Transaction& tx) {
              CHECK(consumer::list_letters(tx, ann, {.state = "", .limit = 10})->letters.size() == 10);
          }) < 200);
    consumer::LetterPlace middle;
    CHECK(read_for([&](postgres::Transaction& tx) {
              const auto some = consumer::export_letters(tx, ann, {}, 10, std::nullopt);
              REQUIRE(some->size() == 10);
              middle = consumer::place_of(some->back().letter);
          }) < 200);
    CHECK(read_for([&](postgres::Transaction& tx) {
              CHECK(consumer::export_letters(tx, ann, {}, 10, middle)->size() == 10);
          }) < 200);
}

TEST_CASE("a type that no letter has is looked for in the index alone") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    make_letters(shell, acme, 1'000);
    as_owner(shell, "vacuum analyze consumer.work");
    postgres::Connection operating = open(shell.database().service("operator"));
    const auto read = transact(operating, [&](postgres::Transaction& tx) -> Result<std::int64_t> {
        const std::int64_t before = read_of_work(tx);
        CHECK(consumer::list_letters(tx, ann, {.type = "stripe.invoice.paid"})->letters.empty());
        CHECK(consumer::group_letters(tx, ann, {.type = "stripe.invoice.paid"})->empty());
        return read_of_work(tx) - before;
    });
    CHECK(read.value() >= 6'000);
    CHECK(read.value() < 6'200);
}

TEST_CASE("for the story of an event the letters of others are not looked through") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    for (const char* const name : {"billing", "delivery", "enrichment"}) make_consumer(shell, name);
    make_letters(shell, acme, 10'000);
    const Uuid event = make_event(shell, acme, "invoice.paid", "{}");
    make_letter(shell, {.tenant = acme, .id = event});
    const Uuid gone = make_letter(shell, {.tenant = acme});
    as_owner(shell, "analyze consumer.work");
    postgres::Connection operating = open(shell.database().service("operator"));
    const auto read = [&](const Uuid& id, bool is_stored) {
        return transact(operating,
                        [&](postgres::Transaction& tx) -> Result<std::int64_t> {
                            const std::int64_t before = blocks_of_work(tx);
                            CHECK(consumer::tell_story(tx, ann, id).has_value() == is_stored);
                            return blocks_of_work(tx) - before;
                        })
            .value();
    };
    CHECK(read(event, true) < 100);
    CHECK(read(gone, false) < 100);
}

TEST_CASE("page by page each letter is listed once, whatever comes and goes meanwhile") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    for (const char* const name : {"billing", "delivery", "enrichment"}) make_consumer(shell, name);
    make_letters(shell, acme, 9);
    make_refused(shell, acme);
    const auto shown = shown_by_pages(shell, "dead-letter list --all-tenants --json --limit 4", [&] {
        // A newer one comes, and one of those that were shown goes.
        make_letter(shell, {.tenant = acme});
        as_owner(shell,
                 "delete from consumer.work where message_id = (select message_id from consumer.work "
                 "where consumer <> 'relay' order by changed_at desc, message_id desc limit 1)");
    });
    CHECK(shown.size() == 28);
    CHECK(std::ranges::all_of(shown, [](const auto& each) { return each.second == 1; }));
    CHECK(shell("dead-letter list --all-tenants --behind nonsense").code == 2);
    const std::string backwards =
        " list --all-tenants --since 2026-11-02T00:00:00Z --until 2026-11-01T00:00:00Z";
    for (const char* const noun : {"dead-letter", "event"})
        CHECK(shell(std::string{noun} + backwards).code == 2);
}

TEST_CASE("an export goes on behind a letter that is gone") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    for (const char* const name : {"billing", "delivery", "enrichment"}) make_consumer(shell, name);
    make_letters(shell, acme, 40);
    postgres::Connection operating = open(shell.database().service("operator"));
    std::optional<consumer::LetterPlace> reached;
    std::size_t exported = 0;
    for (std::size_t page = 25; page == 25;) {
        const auto some = transact(operating, [&](postgres::Transaction& tx) {
            return consumer::export_letters(tx, ann, {}, 25, reached);
        });
        REQUIRE(some.has_value());
        page = some->size();
        exported += page;
        if (page > 0) reached = consumer::place_of(some->back().letter);
        as_owner(shell, fmt::format("delete from consumer.work where consumer = '{}' and message_id = '{}'",
                                    reached->consumer, reached->id));
    }
    CHECK(exported == 120);
}
