// A commit whose answer is lost while its backend lives on, and holds the key until it is done.
#include <set>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using ingress::Fate;
using test::Ingress;
using test::request;
using test::stored;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t gate = 4711;

// A database in which a key that was written holds its transaction open, for as long as the gate is closed.
struct GatedDatabase {
    GatedDatabase() {
        owner.execute_script(R"(
create function public.wait_at_the_gate() returns trigger language plpgsql as $$
begin
    perform set_config('lock_timeout', '0', true);
    perform pg_advisory_xact_lock_shared(4711);
    return null;
end
$$;
create trigger gate after insert on ingress.dedupe_key for each row execute function public.wait_at_the_gate())");
        owner.execute("select pg_advisory_lock($1)", gate);
    }

    void open_gate() { owner.execute("select pg_advisory_unlock($1)", gate); }

    // Local ports of those who wait so.
    std::set<std::int32_t> waiting(std::string_view event) {
        std::set<std::int32_t> ports;
        for (const postgres::Row row :
             owner.execute("select client_port from pg_stat_activity where datname = current_database() "
                           "and wait_event_type = 'Lock' and wait_event = $1",
                           event))
            ports.insert(row.get<std::int32_t>(0));
        return ports;
    }

    // Since when somebody waits for the transaction of another.
    std::set<std::string> tries() {
        std::set<std::string> all;
        for (const postgres::Row row : owner.execute(
                 "select query_start::text from pg_stat_activity where datname = "
                 "current_database() and wait_event_type = 'Lock' and wait_event = 'transactionid'"))
            all.insert(row.get<std::string>(0));
        return all;
    }

    test::Database database{test::ingress_schemas};
    postgres::Connection owner = test::open(database.owner());
};

// This process's end of a connection, from the port that the server sees.
void cut_line(std::int32_t port) {
    constexpr int descriptors_max = 1024;
    int cut = 0;
    for (int fd = 0; fd < descriptors_max; ++fd) {
        sockaddr_in address{};
        socklen_t length = sizeof address;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the kernel's way to say any address
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) continue;
        if (address.sin_family != AF_INET || ntohs(address.sin_port) != port) continue;
        REQUIRE(shutdown(fd, SHUT_RDWR) == 0);
        ++cut;
    }
    REQUIRE(cut == 1);
}

std::future<Result<ingress::Receipt>> begin_and_cut(GatedDatabase& gated, Ingress& ingress) {
    auto answer = ingress.begin(request({.id = "paid"}));
    REQUIRE(test::wait_until([&] { return gated.waiting("advisory").size() == 1; }));
    cut_line(*gated.waiting("advisory").begin());
    return answer;
}

}  // namespace

TEST_CASE("what is in doubt waits for its own commit, which still holds its key") {
    GatedDatabase gated;
    auto settings = gated.database.service("ingress");
    settings.lock_timeout = 50ms;
    Ingress ingress{settings, {.deadline = 30s}};
    auto answer = begin_and_cut(gated, ingress);
    std::set<std::string> tries;
    REQUIRE(test::wait_until([&] {
        tries.merge(gated.tries());
        return tries.size() >= 3 || answer.wait_for(0s) == std::future_status::ready;
    }));
    CHECK(tries.size() >= 3);
    gated.open_gate();
    const auto receipt = answer.get();
    REQUIRE(receipt.has_value());
    CHECK(receipt->at(0).fate == Fate::accepted);
    CHECK(stored(gated.database.owner()).events == std::vector{receipt->at(0).event_id});
    CHECK(ingress.counts().take_doubts().empty());
}

TEST_CASE("what is in doubt at its deadline is counted as that, whatever it waited for") {
    GatedDatabase gated;
    auto settings = gated.database.service("ingress");
    settings.lock_timeout = 50ms;
    Ingress ingress{settings, {.deadline = 1s}};
    const auto answer = begin_and_cut(gated, ingress).get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == ErrorCode::in_doubt);
    CHECK(ingress.counts().take_doubts().size() == 1);
    gated.open_gate();
    // It was committed after all, and the sender comes again.
    REQUIRE(test::wait_until([&] { return gated.waiting("advisory").empty(); }));
    CHECK(ingress.commit_one({.id = "paid"}).fate == Fate::duplicate);
    CHECK(stored(gated.database.owner()).events.size() == 1);
}
