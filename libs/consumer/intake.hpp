// What came in a batch, before anybody has handled it: which messages go to the handler, and what becomes of
// the others.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "consumer/work.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// A message of a batch.
struct Item {
    Task task;
    // Said without the handler: what is wrong with it as such.
    std::optional<Verdict> verdict{};
    // Nothing is done with it: it repeats one before it, or is from before the consumer's time.
    bool passed_over = false;
    // Its day was dropped, so there is no inbox that could know it.
    bool without_inbox = false;

    bool is_for_handler() const { return !verdict && !passed_over; }
};

// The id of an event of ours that was received between 2020 and tomorrow.
bool is_plausible(const Uuid& id, Timestamp now);

// The message's own id, if it is plausible and the record is whole. Else one made of its place and bytes: the
// same whenever it comes.
Uuid id_of(const Message& message, Timestamp now);

// In the order of the messages, which must outlive the items. `since` is the first id that is due.
std::vector<Item> take_in(std::span<const Message> messages, const Uuid& since, Timestamp now);

// Sees to it that each item's day is there in the inbox, or says that it will not be.
class Days {
public:
    Result<void> prepare_for(postgres::Connection& connection, std::span<Item> items, Timestamp now);
    // After a failure: they are looked at again.
    void forget() { known_.clear(); }

private:
    std::set<std::int64_t> known_;  // days since 1970
};

}  // namespace tollgate::consumer
