// A queue between threads that refuses when it is full: back-pressure is the caller's to pass on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace tollgate {

template <typename T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_{capacity} {}

    // False when full or closed; the item is then untouched.
    bool try_push(T&& item) {
        {
            const std::lock_guard lock{mutex_};
            if (closed_ || items_.size() >= capacity_) return false;
            items_.push_back(std::move(item));
        }
        filled_.notify_one();
        return true;
    }

    // Waits for an item; nothing when stopped or closed while there is none.
    std::optional<T> pop(std::stop_token stop) {
        std::unique_lock lock{mutex_};
        filled_.wait(lock, stop, [&] { return !items_.empty() || closed_; });
        if (items_.empty()) return std::nullopt;
        std::optional<T> item{std::move(items_.front())};
        items_.pop_front();
        return item;
    }

    // Waits for one item and takes up to `limit` of what is there: batches grow with the load, and a lone
    // item waits for nobody. Empty when stopped or closed while there is none.
    std::vector<T> pop_batch(std::size_t limit, std::stop_token stop) {
        std::vector<T> batch;
        std::unique_lock lock{mutex_};
        filled_.wait(lock, stop, [&] { return !items_.empty() || closed_; });
        while (!items_.empty() && batch.size() < limit) {
            batch.push_back(std::move(items_.front()));
            items_.pop_front();
        }
        return batch;
    }

    // No more pushes; those who wait drain what is left and then get nothing.
    void close() {
        {
            const std::lock_guard lock{mutex_};
            closed_ = true;
        }
        filled_.notify_all();
    }

    std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return items_.size();
    }

    std::size_t capacity() const { return capacity_; }

private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable_any filled_;
    std::deque<T> items_;
    bool closed_ = false;
};

}  // namespace tollgate
