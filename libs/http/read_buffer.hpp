// Bytes that were read and not yet used: one block that grows from small to its limit, so that an idle
// connection costs little.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>

namespace tollgate::http {

class ReadBuffer {
public:
    explicit ReadBuffer(std::size_t size_max) : size_max_{std::max(size_max, first_size)} {}

    std::string_view view() const { return {block_.data() + begin_, end_ - begin_}; }
    std::size_t size() const { return end_ - begin_; }
    bool empty() const { return begin_ == end_; }
    bool full() const { return size() == size_max_; }

    // Room for the next read; none when full.
    boost::asio::mutable_buffer room() {
        if (begin_ > 0) {
            std::copy(block_.begin() + offset(begin_), block_.begin() + offset(end_), block_.begin());
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == block_.size()) block_.resize(std::clamp(2 * block_.size(), first_size, size_max_));
        return boost::asio::buffer(block_.data() + end_, block_.size() - end_);
    }
    void commit(std::size_t count) { end_ += count; }
    void consume(std::size_t count) { begin_ += count; }

private:
    static std::ptrdiff_t offset(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

    static constexpr std::size_t first_size = 4096;

    std::size_t size_max_;
    std::vector<char> block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tollgate::http
