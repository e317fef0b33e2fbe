#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "core/bounded_queue.hpp"
#include "fixtures.hpp"
#include "http/completion.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using boost::asio::awaitable;
using tollgate::BoundedQueue;
using tollgate::Result;
using tollgate::http::completed_by;
using tollgate::http::Completion;
using tollgate::http::Method;
using tollgate::http::Observation;
using tollgate::http::Request;
using tollgate::http::Response;
using tollgate::http::Router;
using tollgate::http::Server;
using namespace tollgate::test;

namespace {

// Stands for a database: a thread of its own that answers what was submitted.
class Doubler {
public:
    void submit(int number, Completion<int> done) {
        if (!work_.try_push({number, std::move(done)})) throw std::runtime_error{"full"};
    }

private:
    struct Work {
        int number;
        Completion<int> done;
    };

    BoundedQueue<Work> work_{1000};
    std::jthread thread_{[this](const std::stop_token& stop) {
        while (auto work = work_.pop(stop)) work->done(2 * work->number);
    }};
};

}  // namespace

// The pattern for handlers that wait for Postgres: hand over the work with the completion, await the answer.
TEST_CASE("a handler that is completed by another thread resumes on its connection's") {
    Doubler doubler;
    std::atomic<int> moved = 0;
    Router router;
    router.add(Method::get, "/double/{number}", [&](Request request) -> awaitable<Response> {
        const int number = std::stoi(std::string{request.parameter("number")});
        const auto before = std::this_thread::get_id();
        const Result<int> doubled = co_await completed_by<int>(
            [&](Completion<int> done) { doubler.submit(number, std::move(done)); });
        if (std::this_thread::get_id() != before) ++moved;
        if (!doubled) co_return tollgate::http::to_response(doubled.error());
        co_return tollgate::http::plain(200, std::to_string(*doubled));
    });
    const Server server = start(std::move(router), {.threads = 2});
    std::vector<std::thread> clients;
    std::atomic<int> wrong = 0;
    for (int c = 0; c < 4; ++c) {
        clients.emplace_back([&, c] {
            RawConnection peer{server.port()};
            for (int i = 0; i < 200; ++i) {
                peer.send(get("/double/" + std::to_string(1000 * c + i)));
                if (body_of(peer.read_message()) != std::to_string(2 * (1000 * c + i))) ++wrong;
            }
        });
    }
    for (auto& client : clients) client.join();
    CHECK(wrong == 0);
    CHECK(moved == 0);
}

TEST_CASE(
    "a completion that is dropped or whose start throws is an internal error and a second call is nothing") {
    Router router;
    const auto answer_of = [](const Result<std::string>& result) {
        return result ? tollgate::http::plain(200, *result) : tollgate::http::to_response(result.error());
    };
    router.add(Method::get, "/dropped", [&](Request) -> awaitable<Response> {
        co_return answer_of(co_await completed_by<std::string>([](const Completion<std::string>&) {}));
    });
    router.add(Method::get, "/throws", [&](Request) -> awaitable<Response> {
        co_return answer_of(co_await completed_by<std::string>(
            [](const Completion<std::string>&) { throw std::runtime_error{"no"}; }));
    });
    router.add(Method::get, "/twice", [&](Request) -> awaitable<Response> {
        co_return answer_of(co_await completed_by<std::string>([](const Completion<std::string>& done) {
            done("first");
            done("second");
        }));
    });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/dropped") + get("/throws") + get("/twice"));
    CHECK(status_of(peer.read_message()) == 503);
    CHECK(status_of(peer.read_message()) == 503);
    CHECK(body_of(peer.read_message()) == "first");
}

TEST_CASE("a handler that throws costs its own connection and nothing else") {
    Router router = echo_router();
    router.add(Method::get, "/throw", [](Request) -> awaitable<Response> {
        throw std::runtime_error{"secret of the process"};
        co_return Response{};
    });
    router.add(Method::get, "/throw-int", [](Request) -> awaitable<Response> {
        throw 5;
        co_return Response{};
    });
    router.add(Method::get, "/throw-at-once",
               [](Request) -> awaitable<Response> { throw std::logic_error{"no"}; });
    const Server server = start(std::move(router));
    RawConnection other{server.port()};
    for (const char* path : {"/throw", "/throw-int", "/throw-at-once"}) {
        RawConnection peer{server.port()};
        peer.send(get(path));
        const std::string answer = peer.read_to_end();
        CHECK(status_of(answer) == 503);
        CHECK(has_header(answer, "Connection: close"));
        CHECK(answer.find("secret") == std::string::npos);
    }
    other.send(get());
    CHECK(status_of(other.read_message()) == 200);
}

TEST_CASE("a handler whose own wait was aborted is answered for like any that throws") {
    Router router;
    router.add(Method::get, "/aborted", [](Request) -> awaitable<Response> {
        throw boost::system::system_error{boost::asio::error::operation_aborted};
        co_return Response{};
    });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/aborted"));
    CHECK(status_of(peer.read_to_end()) == 503);
}

TEST_CASE("an answer that cannot be sent becomes an error of ours") {
    Router router;
    router.add(Method::get, "/split", [](Request) -> awaitable<Response> {
        co_return Response{.status = 302, .headers = {{"Location", "/x\r\nSet-Cookie: admin=1"}}, .body = {}};
    });
    router.add(Method::get, "/status",
               [](Request) -> awaitable<Response> { co_return Response{.status = 42}; });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/split") + get("/status"));
    const std::string answer = peer.read_message();
    CHECK(status_of(answer) == 503);
    CHECK(answer.find("Set-Cookie") == std::string::npos);
    CHECK(status_of(peer.read_message()) == 503);
}

TEST_CASE("framing is the server's to say") {
    Router router;
    router.add(Method::get, "/framed", [](Request) -> awaitable<Response> {
        co_return Response{
            .status = 200,
            .headers = {{"Content-Length", "999"}, {"transfer-encoding", "chunked"}, {"X-Own", "1"}},
            .body = "four"};
    });
    const Server server = start(std::move(router));
    RawConnection peer{server.port()};
    peer.send(get("/framed"));
    const std::string answer = peer.read_message();
    CHECK(body_of(answer) == "four");
    CHECK(has_header(answer, "X-Own: 1"));
    CHECK(answer.find("chunked") == std::string::npos);
}

TEST_CASE("the observer is told of every answer in closed sets of labels") {
    std::mutex mutex;
    std::vector<std::string> seen;
    Router router = echo_router();
    router.add(Method::get, "/in/{tenant}",
               [](Request) -> awaitable<Response> { co_return Response{.status = 204}; });
    const Server server = start(std::move(router), {}, [&](const Observation& observation) {
        const std::lock_guard lock{mutex};
        seen.push_back(fmt::format("{} {} {}{}", name(observation.method), observation.route,
                                   observation.status,
                                   observation.duration.count() > 0 ? "" : " in no time"));
    });
    RawConnection peer{server.port()};
    peer.send(get("/in/acme") + get("/wp-login.php?id=1") + "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n" +
              "nonsense\r\n\r\n");
    peer.read_to_end();
    CHECK(wait_until([&] {
        const std::lock_guard lock{mutex};
        return seen.size() == 4;
    }));
    CHECK(seen == std::vector<std::string>{"GET /in/{tenant} 204", "GET unmatched 404", "other unmatched 405",
                                           "other unread 400"});
}

TEST_CASE("each thread tells that it lives, and one that hangs does not") {
    std::array<std::atomic<int>, 2> told{};
    std::atomic<std::size_t> hangs = told.size();
    std::promise<void> end;
    Router router;
    std::array<std::atomic<std::thread::id>, 2> threads{};
    router.add(Method::get, "/hang",
               [&, ended = end.get_future().share()](const Request&) -> awaitable<Response> {
                   hangs = threads[0] == std::this_thread::get_id() ? 0 : 1;
                   ended.wait();
                   co_return tollgate::http::plain(200, "at last");
               });
    Server server = start(std::move(router), {.threads = 2, .alive = [&](std::size_t thread) {
                                                  threads.at(thread) = std::this_thread::get_id();
                                                  ++told.at(thread);
                                              }});
    REQUIRE(wait_until([&] { return told[0] >= 2 && told[1] >= 2; }));

    RawConnection client{server.port()};
    client.send(get("/hang"));
    REQUIRE(wait_until([&] { return hangs < told.size(); }));
    const int before = told.at(hangs);
    std::atomic<int>& other = told.at(1 - hangs);
    const int others = other;
    CHECK(wait_until([&] { return other >= others + 3; }));
    CHECK(told.at(hangs) == before);
    end.set_value();
    CHECK(wait_until([&] { return told.at(hangs) > before; }));

    server.stop(std::chrono::seconds{5});
    const int last = told[0] + told[1];
    CHECK(server.stop(std::chrono::seconds{0}) == 0);
    CHECK(told[0] + told[1] == last);
}
