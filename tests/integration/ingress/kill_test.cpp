// Processes that end in the middle of their work: what the sender was told is true, and nothing comes twice.
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "gateway.hpp"
#include "postgres/migrate.hpp"
#include "providers/catalogue.hpp"
#include "support/postgres_server.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"
#include "tenants/tenants.hpp"

using namespace tollgate;
using test::Reply;
using test::Webhook;
using namespace std::chrono_literals;

namespace {

// Sends so many webhooks over several connections, each again until it has heard 200, to ports that may
// change.
class Senders {
public:
    Senders(const test::Gateway& gateway, std::vector<const std::atomic<std::uint16_t>*> ports, int count,
            bool backwards_too = false)
        : gateway_{gateway}, count_{count} {
        for (int i = 0; i < 8; ++i) {
            const auto* const port = ports[static_cast<std::size_t>(i) % ports.size()];
            const bool backwards = backwards_too && i % 2 == 1;
            threads_.emplace_back(
                [this, i, port, backwards](const std::stop_token& stop) { run(i, *port, backwards, stop); });
        }
    }

    int acknowledged() const { return acknowledged_; }
    void wait_for_all() {
        for (std::jthread& thread : threads_) thread.join();
    }

    // Number to the ids that it was answered with: one, however often it was sent.
    std::map<int, std::set<std::string>> answers;
    std::atomic<int> unanswered = 0;
    std::atomic<int> refused = 0;  // 503
    std::atomic<int> strange = 0;  // anything else

private:
    void run(int first, const std::atomic<std::uint16_t>& port, bool backwards, const std::stop_token& stop) {
        // Going backwards it sends what the thread before sends forwards.
        const int from = backwards ? first - 1 : first;
        const int step = 8;
        std::vector<int> numbers;
        for (int n = from; n < count_; n += step) numbers.push_back(n);
        if (backwards) std::ranges::reverse(numbers);
        std::optional<test::RawConnection> connection;
        for (const int number : numbers) {
            const std::string text = gateway_.webhook("invoice.paid", number + 1).text();
            while (!stop.stop_requested() && !send(connection, port, text, number)) {
            }
        }
    }

    bool send(std::optional<test::RawConnection>& connection, std::uint16_t port, const std::string& text,
              int number) {
        Reply reply;
        try {
            if (!connection) connection.emplace(port);
            connection->send(text);
            reply = test::parse_reply(connection->read_message());
        } catch (const std::exception&) {
            connection.reset();
            ++unanswered;
            return false;
        }
        if (reply.status == 503) ++refused;
        if (reply.status != 200 && reply.status != 503) ++strange;
        if (reply.status != 200) return false;
        const std::lock_guard lock{mutex_};
        answers[number].insert(std::string{reply.headers.get("Tollgate-Event-Id").value_or("")});
        ++acknowledged_;
        return true;
    }

    const test::Gateway& gateway_;
    const int count_;
    std::mutex mutex_;
    std::atomic<int> acknowledged_ = 0;
    std::vector<std::jthread> threads_;
};

// Every webhook is one event and one entry, and that is the one that its sender was told of.
void check_each_once(const test::Stored& stored, const Senders& senders, std::size_t count) {
    CHECK(senders.strange == 0);
    CHECK(senders.answers.size() == count);
    std::set<Uuid> told;
    for (const auto& [number, ids] : senders.answers) {
        CAPTURE(number);
        CHECK(ids.size() == 1);
        told.insert(*Uuid::parse(*ids.begin()));
    }
    CHECK(told == std::set<Uuid>(stored.events.begin(), stored.events.end()));
    CHECK(stored.events.size() == count);
    CHECK(stored.entries.size() == count);
    CHECK(stored.held.empty());
}

bool reaches(const Senders& senders, int count) {
    return test::wait_until([&] { return senders.acknowledged() >= count; }, 60s);
}

}  // namespace

TEST_CASE("a killed ingress has told nobody what is not so") {
    test::Gateway gateway;
    std::atomic<std::uint16_t> port = gateway.ingress.port();
    std::unique_ptr<test::IngressProcess> next;
    constexpr int count = 2400;
    Senders senders{gateway, {&port}, count};
    std::mt19937 chance{std::random_device{}()};
    for (int kill = 1; kill <= 10; ++kill) {
        REQUIRE(reaches(senders, kill * 200 + static_cast<int>(chance() % 100)));
        (next ? next->process() : gateway.ingress.process()).signal(SIGKILL);
        next = std::make_unique<test::IngressProcess>(gateway.database.service("ingress").url,
                                                      gateway.office.keys_file());
        port = next->port();
    }
    senders.wait_for_all();
    CHECK(senders.unanswered > 0);
    check_each_once(gateway.now(), senders, count);
}

TEST_CASE("a killed Postgres has forgotten nothing that was told") {
    test::PostgresServer server;
    test::open({.url = server.url("postgres")}).execute_script("create database ingress");
    const postgres::ConnectionSettings owner{.url = server.url("ingress")};
    {
        postgres::Connection migrating = test::open(owner);
        REQUIRE(postgres::migrate(migrating, test::ingress_schemas, [](const std::string&) {}).has_value());
    }
    server.administer("create role svc login noinherit");
    server.administer("grant tollgate_ingress to svc");
    test::Gateway gateway{owner, server.url("ingress", "svc")};
    std::atomic<std::uint16_t> port = gateway.ingress.port();
    constexpr int count = 1400;
    Senders senders{gateway, {&port}, count};
    std::mt19937 chance{std::random_device{}()};
    for (int kill = 1; kill <= 10; ++kill) {
        const bool reached = reaches(senders, kill * 110 + static_cast<int>(chance() % 100));
        INFO(gateway.ingress.process().err());
        CAPTURE(kill, senders.acknowledged(), senders.unanswered.load(), senders.refused.load());
        REQUIRE(reached);
        server.crash();
    }
    senders.wait_for_all();
    check_each_once(test::stored(owner), senders, count);
}

TEST_CASE(
    "two processes take the same webhooks in opposite orders while one of them is stopped again and again") {
    test::Gateway gateway;
    test::IngressProcess other{gateway.database.service("ingress").url, gateway.office.keys_file()};
    std::atomic<std::uint16_t> port = gateway.ingress.port();
    std::atomic<std::uint16_t> other_port = other.port();
    constexpr int count = 3200;
    Senders senders{gateway, {&port, &other_port}, count, true};
    // Few enough that the one that goes on has always something left to do.
    for (int stop = 1; stop <= 8; ++stop) {
        REQUIRE(reaches(senders, stop * 150));
        other.process().signal(SIGSTOP);
        CHECK(reaches(senders, stop * 150 + 40));
        other.process().signal(SIGCONT);
    }
    senders.wait_for_all();
    CHECK(senders.answers.size() == count / 2);
    check_each_once(gateway.now(), senders, count / 2);
}

TEST_CASE(
    "a backend that is stopped in the middle of its transaction holds up only those who want its keys") {
    test::Gateway gateway;
    test::IngressProcess other{gateway.database.service("ingress").url, gateway.office.keys_file()};
    // A transaction that has taken a key and does not end, as that of a process that was stopped.
    postgres::Connection stopped = test::open(gateway.database.owner());
    const Webhook wanted = gateway.webhook("invoice.paid", 7);
    const auto first = gateway.send(wanted);
    REQUIRE(first.status == 200);
    postgres::Transaction open{stopped};
    open.execute("select from ingress.dedupe_key for update");
    open.execute(
        "insert into ingress.dedupe_key select tenant, source, gen_random_uuid(), event_id, fingerprint, "
        "expires "
        "from ingress.dedupe_key");
    std::atomic<std::uint16_t> port = other.port();
    const auto began = std::chrono::steady_clock::now();
    Senders senders{gateway, {&port}, 200};
    senders.wait_for_all();
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    CHECK(senders.refused == 0);
    CHECK(senders.answers.size() == 200);
}
