#include "http/io_threads.hpp"

#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "telemetry/log.hpp"

namespace tollgate::http {

namespace log = telemetry::log;

class IoThreads::Loop {
public:
    Loop() : work_{context_.get_executor()}, thread_{[this] { run(); }} {}

    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    void release() { work_.reset(); }

    void join() {
        if (thread_.joinable()) thread_.join();
    }

private:
    void run() {
        for (;;) {
            try {
                context_.run();
                return;
            } catch (const std::exception& error) {
                // Coroutines do not let exceptions through; this is a bug in a callback, which must not
                // take the other connections of the thread with it.
                log::error("a callback threw", {{"error", error.what()}});
            }
        }
    }

    boost::asio::io_context context_{1};  // the hint that one thread runs it: its locks are cheaper
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

IoThreads::IoThreads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
}

IoThreads::~IoThreads() {
    join();
}

void IoThreads::join() {
    // All released first: work on one thread may start more on another.
    for (const auto& loop : loops_) loop->release();
    for (const auto& loop : loops_) loop->join();
}

boost::asio::any_io_executor IoThreads::executor(std::size_t index) const {
    return loops_.at(index)->executor();
}

void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> coroutine,
           std::string name) {
    boost::asio::co_spawn(
        executor, std::move(coroutine), [name = std::move(name)](const std::exception_ptr& thrown) {
            if (!thrown) return;
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                log::error("a coroutine threw", {{"coroutine", name}, {"error", error.what()}});
            }
        });
}

}  // namespace tollgate::http
