// The threads that coroutines run on: each has an event loop of its own, so what runs on one of them never
// runs beside itself and needs no strand. Nothing on them may block.
#pragma once

#include <cstddef>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace tollgate::http {

class IoThreads {
public:
    explicit IoThreads(std::size_t count);
    // As `join`.
    ~IoThreads();
    IoThreads(const IoThreads&) = delete;
    IoThreads& operator=(const IoThreads&) = delete;

    // Waits until all that was started on them has ended, then ends the threads.
    void join();

    std::size_t size() const { return loops_.size(); }
    boost::asio::any_io_executor executor(std::size_t index) const;

private:
    class Loop;
    std::vector<std::unique_ptr<Loop>> loops_;
};

// Starts a coroutine of its own. What it throws is logged with its name and ends nothing else.
void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> coroutine,
           std::string name);

template <typename T>
boost::asio::awaitable<void> fulfil(std::shared_ptr<std::promise<T>> promise,
                                    boost::asio::awaitable<T> work) {
    try {
        promise->set_value(co_await std::move(work));
    } catch (...) {
        promise->set_exception(std::current_exception());
    }
}

// Runs it there and waits here, on a thread that may block; what it throws is thrown here.
template <typename T>
T await_from_here(const boost::asio::any_io_executor& executor, boost::asio::awaitable<T> work) {
    const auto promise = std::make_shared<std::promise<T>>();
    auto result = promise->get_future();
    spawn(executor, fulfil(promise, std::move(work)), "awaited");
    return result.get();
}

}  // namespace tollgate::http
