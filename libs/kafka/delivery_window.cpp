#include "kafka/delivery_window.hpp"

namespace tollgate::kafka {

DeliveryWindow::Ticket DeliveryWindow::add(Sequence sequence) {
    entries_.push_back({.place = {.sequence = sequence}});
    last_added_ = sequence;
    return front_ticket_ + entries_.size() - 1;
}

void DeliveryWindow::withdraw_last() {
    entries_.pop_back();
    last_added_ = entries_.empty() ? acknowledged_ : std::optional{entries_.back().place.sequence};
}

void DeliveryWindow::acknowledge(Ticket ticket, std::int32_t partition, std::int64_t offset) {
    Entry& entry = entries_.at(ticket - front_ticket_);
    entry.acknowledged = true;
    entry.place.partition = partition;
    entry.place.offset = offset;
    while (!entries_.empty() && entries_.front().acknowledged) {
        acknowledged_ = entries_.front().place.sequence;
        places_.push_back(entries_.front().place);
        entries_.pop_front();
        ++front_ticket_;
    }
}

Sequence DeliveryWindow::sequence_of(Ticket ticket) const {
    return entries_.at(ticket - front_ticket_).place.sequence;
}

std::optional<DeliveryWindow::Ticket> DeliveryWindow::front() const {
    if (entries_.empty()) return std::nullopt;
    return front_ticket_;
}

}  // namespace tollgate::kafka
