// How a coroutine waits for an answer from a thread that is not its own, such as a database's.
//
//   Result<Receipt> receipt = co_await completed_by<Receipt>([&](Completion<Receipt> done) {
//       group_commit.submit(std::move(event), done);   // calls done(result), once, from any thread
//   });
//
// The coroutine resumes on its own executor, never inside the call.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/result.hpp"

namespace tollgate::http {

// Copies are one completion: the first call counts, later ones do nothing. When the last copy is dropped
// without a call the coroutine gets an internal error, so that no caller is left hanging. Until then the
// coroutine's event loop keeps running: who was given a completion must answer it before the loop's owner
// can be destroyed.
template <typename T>
class Completion {
public:
    using Awaitable = boost::asio::use_awaitable_t<>;
    using Waiting = typename boost::asio::async_result<Awaitable, void(Result<T>)>::handler_type;

    explicit Completion(Waiting waiting) : state_{std::make_shared<State>(std::move(waiting))} {}

    void operator()(Result<T> result) const { state_->deliver(std::move(result)); }

private:
    class State {
    public:
        // Tracked work: the loop does not run dry while somebody elsewhere holds the answer.
        explicit State(Waiting waiting)
            : waiting_{std::move(waiting)},
              executor_{boost::asio::prefer(boost::asio::get_associated_executor(waiting_),
                                            boost::asio::execution::outstanding_work_t::tracked)} {}
        State(const State&) = delete;
        State& operator=(const State&) = delete;
        // NOLINTNEXTLINE(bugprone-exception-escape): without the memory for a post the process has to end
        ~State() { deliver(fail(ErrorCode::internal, "a request was dropped without an answer")); }

        void deliver(Result<T> result) {
            if (delivered_.exchange(true)) return;
            const auto executor = executor_;
            boost::asio::post(executor,
                              [waiting = std::move(waiting_), answer = std::move(result)]() mutable {
                                  waiting(std::move(answer));
                              });
            executor_ = {};
        }

    private:
        std::atomic<bool> delivered_ = false;
        Waiting waiting_;
        boost::asio::any_io_executor executor_;
    };

    std::shared_ptr<State> state_;
};

// Suspends, then calls `start` with the completion. What `start` throws is an internal error.
template <typename T, typename Start>
boost::asio::awaitable<Result<T>> completed_by(Start start) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto waiting, Start begin) {
            const Completion<T> done{std::move(waiting)};
            try {
                begin(done);
            } catch (const std::exception& error) {
                done(fail(ErrorCode::internal, "{}", error.what()));
            } catch (...) {
                done(fail(ErrorCode::internal, "not a std::exception"));
            }
        },
        boost::asio::use_awaitable, std::move(start));
}

}  // namespace tollgate::http
