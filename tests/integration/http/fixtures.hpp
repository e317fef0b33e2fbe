// What the tests of this folder share: a server with a few routes, and awaiting from a test's thread.
#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/completion.hpp"
#include "http/io_threads.hpp"
#include "http/server.hpp"

namespace tollgate::test {

// Starts it or throws what was wrong.
http::Server start(http::Router router, http::ServerSettings settings = {}, http::Observer observer = {});

// A handler that answers when the test says so.
class Gate {
public:
    boost::asio::awaitable<http::Response> wait(http::Request request);

    // Waits until so many requests are at the gate.
    bool holds(std::size_t count);
    // Lets all of them through, with that status.
    void open(int status);

private:
    std::mutex mutex_;
    std::vector<http::Completion<int>> waiting_;
};

// POST /echo answers with the body, GET /hello with "hello".
http::Router echo_router();

// "POST /echo HTTP/1.1" with that body and what else a request needs.
std::string post(std::string_view body, std::string_view path = "/echo", std::string_view more_headers = {});
std::string get(std::string_view path = "/hello", std::string_view more_headers = {});

// So many bytes of "x".
std::string filler(std::size_t bytes);

// The status of an answer; 0 if it is none.
int status_of(std::string_view message);
std::string_view body_of(std::string_view message);
bool has_header(std::string_view message, std::string_view line);

// Runs on the threads and waits here.
template <typename T>
T await_on(const http::IoThreads& threads, boost::asio::awaitable<T> work) {
    const auto promise = std::make_shared<std::promise<T>>();
    auto result = promise->get_future();
    http::spawn(threads.executor(0), http::fulfil(promise, std::move(work)), "test");
    if (result.wait_for(std::chrono::seconds{20}) != std::future_status::ready) {
        throw std::runtime_error{"nothing came of it in time"};
    }
    return result.get();
}

}  // namespace tollgate::test
