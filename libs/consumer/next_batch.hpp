// The messages behind a batch, read while that one is at work: on a connection of its own, which is opened
// where there is a backlog and not before.
#pragma once

#include <future>
#include <optional>
#include <vector>

#include "consumer/line.hpp"
#include "consumer/message.hpp"
#include "core/result.hpp"
#include "journal/reader.hpp"

namespace tollgate::consumer {

class NextBatch {
public:
    NextBatch(postgres::ConnectionSettings connection, std::size_t bytes_max)
        : line_{std::move(connection)}, bytes_max_{bytes_max} {}

    // Begins to read these, of which there is at least one; the messages are of the first of them. What was
    // begun before was taken or dropped.
    void begin(std::vector<journal::Entry> entries);

    // Waits for what was begun. None if nothing was, if it failed, or if there are more than so many: who
    // reads them by himself then hears why.
    std::optional<std::vector<Message>> take(std::size_t messages_max);

    // What was begun is not wanted any more, and nothing may come for a while: the connection is given back.
    void drop();

private:
    Line line_;
    const std::size_t bytes_max_;
    std::future<Result<std::vector<Message>>> reading_;  // last: it uses all of the above
};

}  // namespace tollgate::consumer
