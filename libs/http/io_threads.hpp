// The threads that coroutines run on: each has an event loop of its own, so what runs on one of them never
// runs beside itself and needs no strand. Nothing on them may block.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
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

}  // namespace tollgate::http
