// Which records are under way, in the order of sending, and up to where all of them are acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace tollgate::kafka {

using Sequence = std::uint64_t;

// Where a record lies.
struct Place {
    Sequence sequence = 0;
    std::int32_t partition = 0;
    std::int64_t offset = 0;

    bool operator==(const Place&) const = default;
};

// Acknowledgements come in any order across partitions; only a prefix without a hole counts. A record that is
// never acknowledged stays at the front for ever, so nothing behind it can count: that is the whole
// guarantee.
class DeliveryWindow {
public:
    // How the delivery report finds its record again.
    using Ticket = std::uint64_t;

    Ticket add(Sequence sequence);
    // Takes back the last one added, which the queue had no room for.
    void withdraw_last();
    void acknowledge(Ticket ticket, std::int32_t partition, std::int64_t offset);

    std::optional<Sequence> acknowledged() const { return acknowledged_; }
    // Of those that were passed since it was last asked, in the order of sending.
    std::vector<Place> take_places() { return std::exchange(places_, {}); }
    Sequence sequence_of(Ticket ticket) const;
    // The oldest that is not acknowledged.
    std::optional<Ticket> front() const;
    std::optional<Sequence> last_added() const { return last_added_; }

    // From the oldest that is not acknowledged to the last.
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }

private:
    struct Entry {
        Place place;
        bool acknowledged = false;
    };

    std::deque<Entry> entries_;
    std::vector<Place> places_;
    Ticket front_ticket_ = 1;
    std::optional<Sequence> acknowledged_;
    std::optional<Sequence> last_added_;
};

}  // namespace tollgate::kafka
