#include "load/generator.hpp"

#include <functional>
#include <map>
#include <numeric>
#include <thread>

#include <catch2/catch.hpp>

#include "http/server.hpp"
#include "load/open_schedule.hpp"
#include "support/raw_socket.hpp"

using namespace tollgate;
using namespace tollgate::load;
using namespace std::chrono_literals;

namespace {

Traffic traffic(std::size_t requests, std::size_t body_bytes = 1024) {
    return Traffic{{.host = "127.0.0.1",
                    .path = "/in",
                    .secret = Secret{"made up"},
                    .body_bytes = body_bytes,
                    .requests = requests,
                    .repeats_after = 20,
                    .seed = 3,
                    .signed_at = std::chrono::sys_seconds{}}};
}

std::string receipt(const Uuid& id, bool duplicate) {
    return R"({"event_id":")" + id.text() + R"(","duplicate":)" + (duplicate ? "true" : "false") + "}";
}

// What ingress does, with a map for its ledger.
class Server {
public:
    using Ids = std::map<std::string, Uuid>;
    using Answer =
        std::function<http::Response(std::size_t request, Ids& known, const std::string& provider_id)>;

    explicit Server(Answer answer) : answer_{std::move(answer)} {
        http::Router router;
        router.add(http::Method::post, "/in",
                   [this](http::Request request) -> boost::asio::awaitable<http::Response> {
                       const std::string id = request.body.substr(request.body.find("evt_"), 28);
                       co_return answer_(count_++, known_, id);
                   });
        server_.emplace(std::move(http::Server::start({}, std::move(router)).value()));
    }

    std::uint16_t port() const { return server_->port(); }

private:
    Answer answer_;
    std::size_t count_ = 0;
    Ids known_;
    std::optional<http::Server> server_;
};

http::Response take(std::size_t, Server::Ids& known, const std::string& provider_id) {
    const auto [event, is_new] = known.try_emplace(provider_id, make_uuid_v7());
    return http::json(200, receipt(event->second, !is_new));
}

std::string answered(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a closed loop sends all of the traffic once, over all connections") {
    Server server{&take};
    const Traffic some = traffic(2'000, 16'384);
    const Tally tally = run(some, {.port = server.port(), .connections = 16, .length = 30s});
    CHECK(tally.statuses == std::map<int, std::uint64_t>{{200, 2'000}});
    CHECK(tally.accepted == some.events());
    CHECK(tally.duplicates == 2'000 - some.events());
    CHECK(tally.latencies.count() == 2'000);
    CHECK(tally.not_200() == 0);
    CHECK(tally.contradictions == 0);
    CHECK(std::ranges::count(tally.event_ids, Uuid{}) == 0);
    // Its traffic ended before its time did.
    CHECK(tally.seconds > 0);
    CHECK(tally.seconds < 30);
}

TEST_CASE("answers other than 200 are counted and acknowledge nothing") {
    Server server{[](std::size_t request, Server::Ids& known, const std::string& id) {
        return request % 10 == 9 ? http::problem(503, "", "later") : take(request, known, id);
    }};
    const Traffic some = traffic(1'000);
    const Tally tally = run(some, {.port = server.port(), .connections = 4, .length = 30s});
    CHECK(tally.statuses == std::map<int, std::uint64_t>{{200, 900}, {503, 100}});
    CHECK(tally.not_200() == 100);
    CHECK(tally.latencies.count() == 900);
    CHECK(std::ranges::count(tally.event_ids, Uuid{}) > 0);
    CHECK(tally.contradictions == 0);
}

TEST_CASE("a server that contradicts itself is found out") {
    const Traffic some = traffic(1'000);
    const auto run_against = [&some](Server::Answer answer) {
        Server server{std::move(answer)};
        return run(some, {.port = server.port(), .connections = 1, .length = 30s});
    };
    const auto repeats = some.size() - some.events();
    // Another id each time; an event that is new twice; an answer that says nothing.
    CHECK(run_against([](auto, auto&, auto&) {
              return http::json(200, receipt(make_uuid_v7(), true));
          }).contradictions == repeats);
    CHECK(run_against([](std::size_t request, Server::Ids& known, const std::string& id) {
              static_cast<void>(take(request, known, id));
              return http::json(200, receipt(known.at(id), false));
          }).contradictions == repeats);
    CHECK(run_against([](auto, auto&, auto&) { return http::plain(200, "ok"); }).unreadable == 1'000);
}

TEST_CASE("a connection that ends without an answer is a lost request, and is made anew") {
    const Traffic some = traffic(3);
    test::RawListener listener;
    std::jthread server{[&] {
        auto first = listener.accept();
        first.read_message();
        first.send(answered(receipt(make_uuid_v7(), false)).substr(0, 30));
        first.reset();
        auto second = listener.accept();
        second.read_message();
        second.send(answered(receipt(make_uuid_v7(), false)));
        second.read_message();
        second.send(answered(receipt(make_uuid_v7(), false)));
    }};
    const Tally tally = run(some, {.port = listener.port(), .connections = 1, .length = 30s});
    CHECK(tally.lost == 1);
    CHECK(tally.not_200() == 1);
    CHECK(tally.accepted == 2);
}

TEST_CASE("what has no answer in the end is lost") {
    const Traffic some = traffic(2);
    test::RawListener listener;
    const Tally tally =
        run(some, {.port = listener.port(), .connections = 2, .length = 1ms, .patience = 1ms});
    CHECK(tally.lost == 2);
    CHECK(tally.statuses.empty());
}

TEST_CASE("in an open loop all that was due while the server stood still waited for it") {
    const Traffic some = traffic(10'000);
    constexpr std::chrono::milliseconds length = 300ms;
    test::RawListener listener;
    std::jthread server{[&] {
        auto only = listener.accept();
        only.read_message();
        // The next request is not sent before this one is answered.
        CHECK_FALSE(only.readable(length));
        for (int i = 0; i < 300; ++i) {
            if (i > 0) only.read_message();
            only.send(answered(receipt(make_uuid_v7(), false)));
        }
    }};
    const Tally tally =
        run(some, {.port = listener.port(), .connections = 1, .length = length, .per_second = 1'000});
    CHECK(tally.statuses == std::map<int, std::uint64_t>{{200, 300}});
    CHECK(tally.latencies.count() == 300);
    // Counted from its sending, only the first would have waited.
    CHECK(tally.latencies.percentile(10) >= length / 20);
    CHECK(tally.latencies.percentile(50) >= length / 2 - 2ms);
    CHECK(tally.latencies.max() >= length - 2ms);
}

TEST_CASE("requests of an open loop are due by the handful, at their rate, without drifting") {
    const OpenSchedule schedule{OpenSchedule::Time{1h}, 20'000};
    CHECK(schedule.due(0) == OpenSchedule::Time{1h});
    CHECK(schedule.due(4) == schedule.due(0));
    CHECK(schedule.due(5) == OpenSchedule::Time{1h + 250us});
    CHECK(schedule.due(20'000'002) == OpenSchedule::Time{1h + 1000s});
    const OpenSchedule slow{OpenSchedule::Time{1h}, 3};
    CHECK(slow.due(1) == OpenSchedule::Time{1h + 333'250us});
    CHECK(slow.due(3'000'000) - slow.due(2'999'999) < 334ms);
}
