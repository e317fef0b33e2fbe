// `tollgate audit` of a day that is dropped, by the code that drops days, while it is looked at or before.
#include <future>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "old_day.hpp"
#include "postgres/transaction.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Catch::Contains;

namespace {

const std::string audit =
    "audit --json --audit-patience 1ms --since " + to_rfc3339(SystemClock{}.now() - std::chrono::days{9});

struct Found {
    std::vector<std::string> exceptions;  // "1 dead", of all tenants and hours
    std::int64_t stored = 0;
};

Found found_by(const Ran& ran) {
    Found found;
    std::istringstream lines{ran.out};
    for (std::string line; std::getline(lines, line);) {
        const auto value = boost::json::parse(line);
        if (value.at("kind") == "hour") found.stored += value.at("stored").as_int64();
        if (value.at("kind") != "exception") continue;
        found.exceptions.push_back(fmt::format("{} {}", value.at("number").as_int64(),
                                               std::string_view{value.at("exception").as_string()}));
    }
    std::ranges::sort(found.exceptions);
    return found;
}

// Two events that were settled, and one each that is dead and held; all of them were answered for.
struct OldBooks : OldDay {
    OldBooks() {
        const Uuid id = done();
        done();
        dead();
        make_letter(shell, {.tenant = acme, .state = "held", .id = event()});
        as_owner(fmt::format(
            "with p as (insert into ingress.process (process, started_at, counted_until, stopped_at) values "
            "(gen_random_uuid(), now() - interval '10 days', now(), now()) returning process) insert into "
            "ingress.answered select '{}', '{}', process, 4, 0, 0, 0 from p",
            to_rfc3339(std::chrono::floor<std::chrono::hours>(time_of(id))), acme));
    }

    // An audit that is held up where it first needs that table, and what is done meanwhile.
    template <typename Meanwhile>
    Ran audit_beside(const std::string& table, const Meanwhile& meanwhile) const {
        postgres::Connection gate = open(shell.database().owner());
        gate.execute_script("begin; lock table " + table + " in access exclusive mode");
        auto audited = std::async(std::launch::async, [&] { return shell(audit); });
        postgres::Connection watching = open(shell.database().owner());
        const bool waits = wait_until([&] {
            return !watching
                        .execute("select from pg_locks where relation = $1::regclass and not granted", table)
                        .empty();
        });
        if (waits) meanwhile();
        gate.execute_script("commit");
        Ran ran = audited.get();
        REQUIRE(waits);
        return ran;
    }
};

const std::vector<std::string> open_then{"1 dead", "1 held"};

}  // namespace

TEST_CASE(
    "of a day that is dropped while it is looked at an audit says nothing false, and all that is "
    "open") {
    const OldBooks old;
    const Found before = found_by(old.shell(audit));
    CHECK(before.stored == 4);
    CHECK(before.exceptions == open_then);
    // By then it knows which days there are, and has looked at none.
    const Ran ran = old.audit_beside("ingress.process", [&] { CHECK(old.drops() == "dropped"); });
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    const Found found = found_by(ran);
    CHECK(found.stored == 0);
    CHECK(found.exceptions == open_then);
}

TEST_CASE("a day whose events an audit counts stays until they are counted") {
    const OldBooks old;
    const std::string table = GENERATE("ingress.doubt", "journal.published");
    const Ran ran = old.audit_beside(table, [&] { CHECK(old.drops() == "busy"); });
    INFO(ran.out << ran.err);
    const Found found = found_by(ran);
    CHECK(found.stored == 4);
    CHECK(found.exceptions == open_then);
    CHECK(old.drops() == "dropped");
}

TEST_CASE(
    "what is open of a day that was dropped an audit of that time lists, with the command that deals with "
    "it") {
    const OldBooks old;
    REQUIRE(old.sweep().days_dropped == 1);
    const Ran ran = old.shell(audit);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK(found_by(ran).exceptions == open_then);
    const Ran told = old.shell("audit --since " + to_rfc3339(SystemClock{}.now() - std::chrono::days{9}));
    CHECK_THAT(told.out,
               Contains("1 message given up by billing, of events that are not stored, or not any more") &&
                   Contains("  tollgate dead-letter groups --tenant acme --consumer billing\n") &&
                   Contains("  tollgate dead-letter list --state held --tenant acme --consumer billing\n"));
    const std::string before = " --until " + to_rfc3339(SystemClock{}.now() - std::chrono::days{9});
    CHECK(old.shell("audit --since 2020-01-01T00:00:00Z" + before).code == 3);
}
