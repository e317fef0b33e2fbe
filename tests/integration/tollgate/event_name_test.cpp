// How an event is found, and when it was committed.
#include <catch2/catch.hpp>

#include "letters.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

void execute(const Shell& shell, const std::string& sql) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute(sql);
}

}  // namespace

TEST_CASE("an event is found by the beginning of its id that messages show, if it is the only one") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid other = make_tenant(shell, "other");
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}");
    const std::string beginning = id.text().substr(0, 23);
    CHECK_THAT(shell("event show " + beginning).out, Catch::Contains("event           " + id.text()));
    CHECK(json_text(shell("event body --json " + beginning).out, "event_id") == id.text());
    CHECK(shell("event show " + beginning + "-").code == 0);
    const auto oleg = shell.as("oleg", "--role operator --tenant other");
    CHECK(shell("event show " + beginning, oleg).code == 3);
    CHECK(shell("event body 01900000-0000-7000-8000", oleg).code == 3);
    CHECK(shell("event show " + beginning, shell.as("adam", "--role operator --tenant acme")).code == 0);
    // He who has asked for what is another's is on record, and nobody else.
    CHECK(count(shell, "tenants.audit where result ? 'refused'") == 1);
    CHECK(count(shell, "tenants.audit where result ? 'refused' and actor = 'oleg' and verb = 'event show'") ==
          1);
    CHECK(shell("event show 01900000-0000-7000-8000").code == 3);
    for (const std::string& wrong : {id.text().substr(0, 12), std::string{"0190b0f0x5a1e"}, id.text() + "0"})
        CHECK(shell("event show " + wrong).code == 2);
    // Another process has received one in the same millisecond, of a tenant that not everybody sees.
    execute(
        shell,
        fmt::format("insert into archive.event (id, tenant, source, provider, type, headers, body) select "
                    "overlay(id::text placing 'ffffffffffff' from 25)::uuid, '{}', source, provider, type, "
                    "headers, body from archive.event",
                    other));
    const Ran both = shell("event show " + beginning);
    CHECK(both.code == 2);
    CHECK_THAT(both.err, Catch::Contains("2 events begin so") && Catch::Contains(id.text()) &&
                             Catch::Contains(beginning + "-ffffffffffff"));
    CHECK(shell("event show " + beginning, shell.as("anna", "--role operator --tenant acme")).code == 0);
}

TEST_CASE(
    "the story says when the journal first showed an event, or that nothing has kept when it was committed") {
    Shell shell;
    const Uuid acme = make_tenant(shell, "acme");
    const Uuid id = make_event(shell, acme, "invoice.paid", "{}");
    const auto shown = [&] { return shell("event show " + id.text()).out; };
    const auto tick = [&](int number, const std::string& at) {
        execute(
            shell,
            fmt::format("insert into journal.tick (child, id, snapshot, last_seq, at) values ((select child "
                        "from journal.state), {}, pg_current_snapshot(), 0, '{}')",
                        number, at));
    };
    CHECK_THAT(shown(), Catch::Contains("at a time that is not kept"));
    // As ingress writes it, and a tick from before, one that shows it, and one after that.
    const std::string copied = "tenant, source, provider, type, proof, received_from, headers, body";
    execute(shell, "create table public.kept as select * from archive.event");
    execute(shell, "delete from archive.event");
    execute(shell, "delete from journal.tick");
    tick(100, "2026-11-01T00:00:00.100Z");
    execute(
        shell,
        fmt::format("with stored as (insert into archive.event (id, {0}) select id, {0} from public.kept "
                    "returning id, tenant) insert into journal.entry (child, tenant, topic, event_id) select "
                    "s.child, e.tenant, 'raw', e.id from stored e, journal.state s",
                    copied));
    CHECK_THAT(shown(), Catch::Contains("at a time that is not kept"));
    for (int i = 1; i < 8; ++i) tick(100 + 3 * i, fmt::format("2026-11-01T00:00:0{}.200Z", i));
    CHECK_THAT(shown(),
               Catch::Contains("2026-11-01T00:00:01.200Z  committed: the journal showed it from then on") &&
                   Catch::Contains("committed before it was answered\n"));
    // Appended once more it is not committed then.
    execute(shell, "create table public.kept_entry as select * from journal.entry");
    execute(shell, "delete from journal.entry");
    execute(
        shell,
        "insert into journal.entry (child, tenant, topic, event_id) select child, tenant, topic, event_id "
        "from public.kept_entry");
    tick(200, "2026-11-01T01:00:00.000Z");
    CHECK_THAT(shown(), Catch::Contains("at a time that is not kept"));
}
