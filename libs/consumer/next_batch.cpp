#include "consumer/next_batch.hpp"

#include <utility>

#include "consumer/stored.hpp"

namespace tollgate::consumer {

void NextBatch::begin(std::vector<journal::Entry> entries) {
    reading_ = std::async(std::launch::async,
                          [this, entries = std::move(entries)]() -> Result<std::vector<Message>> {
                              const auto line = line_.ready();
                              if (!line) return std::unexpected{line.error()};
                              return read_messages(**line, entries, bytes_max_);
                          });
}

std::optional<std::vector<Message>> NextBatch::take(std::size_t messages_max) {
    if (!reading_.valid()) return std::nullopt;
    auto messages = reading_.get();
    if (!messages) {
        line_.drop();
        return std::nullopt;
    }
    if (messages->size() > messages_max) return std::nullopt;
    return *std::move(messages);
}

void NextBatch::drop() {
    if (reading_.valid()) reading_.wait();
    reading_ = {};
    line_.drop();
}

}  // namespace tollgate::consumer
