#include "consumer/journal_subscription.hpp"

#include <algorithm>

#include "consumer/stored.hpp"
#include "core/pause.hpp"
#include "journal/readers.hpp"

namespace tollgate::consumer {

namespace {

using journal::Position;
using postgres::SqlError;
using postgres::Transaction;

// How late a member that stands by may see that it has the lease.
constexpr std::chrono::milliseconds look_at_lease_every{50};
// For ticks that nobody has told of.
constexpr std::chrono::seconds look_unasked_every{1};
// Entries are small and their messages are not: so many batches are known ahead, and one of them is read.
constexpr std::size_t batches_found_at_once = 8;

}  // namespace

JournalSubscription::JournalSubscription(JournalSettings settings, const Uuid& holder)
    : settings_{std::move(settings)},
      line_{settings_.connection},
      ahead_{settings_.connection, settings_.batch_bytes_max},
      lease_{settings_.connection, {.name = "consumer." + settings_.consumer}, holder} {}

Result<std::vector<Message>> JournalSubscription::fetch(std::size_t messages_max,
                                                        std::chrono::milliseconds wait,
                                                        const std::stop_token& stop) {
    const auto epoch = lease_.epoch();
    if (!epoch) {
        hang_up();
        tollgate::pause(std::min(wait, look_at_lease_every), stop);
        return {};
    }
    if (reader_ && (*epoch != epoch_ || !line_.usable())) let_go();
    if (!reader_) {
        if (const auto taken = take(*epoch); !taken) {
            hang_up();
            return std::unexpected{taken.error()};
        }
    }
    auto messages = is_paused() ? lie_still(wait, stop) : read_on(messages_max, wait);
    if (!messages) hang_up();
    return messages;
}

Result<void> JournalSubscription::take(std::int64_t epoch) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    auto reader = journal::Reader::take(
        **line, {.name = settings_.consumer, .holder = lease_.holder(), .epoch = epoch}, settings_.topics);
    if (!reader) return std::unexpected{reader.error()};
    reader_.emplace(std::move(*reader));
    look_at_ = {};
    if (epoch != epoch_) count_taking();
    epoch_ = epoch;
    return {};
}

Result<std::vector<Message>> JournalSubscription::lie_still(std::chrono::milliseconds wait,
                                                            const std::stop_token& stop) {
    try {
        // Takes what has come on the line, so that the server need not keep it for us.
        reader_->wait({});
        look_at_ = {};
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
    tollgate::pause(wait, stop);
    return {};
}

Result<std::vector<Message>> JournalSubscription::read_on(std::size_t messages_max,
                                                          std::chrono::milliseconds wait) {
    if (!found_.empty()) return give(messages_max);
    if (std::chrono::steady_clock::now() < look_at_) return rest(wait);
    auto batch = reader_->next(messages_max * batches_found_at_once);
    if (!batch) return std::unexpected{batch.error()};
    if (*batch && !(*batch)->entries.empty()) {
        std::ranges::move((*batch)->entries, std::back_inserter(found_));
        after_found_ = (*batch)->after;
        return give(messages_max);
    }
    if (!*batch) {
        ahead_.drop();
        look_at_ = std::chrono::steady_clock::now() + look_unasked_every;
        return rest(wait);
    }
    passed_ = (*batch)->after;
    if (const auto passed = pass_if_due(); !passed) return std::unexpected{passed.error()};
    return {};
}

Result<std::vector<Message>> JournalSubscription::rest(std::chrono::milliseconds wait) {
    if (const auto passed = pass_if_due(); !passed) return std::unexpected{passed.error()};
    try {
        if (reader_->wait(wait)) look_at_ = {};
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
    return {};
}

Result<std::vector<Message>> JournalSubscription::give(std::size_t messages_max) {
    const auto first_found = [&] {
        const auto count = static_cast<std::ptrdiff_t>(std::min(messages_max, found_.size()));
        return std::vector<journal::Entry>{found_.begin(), found_.begin() + count};
    };
    Result<std::vector<Message>> messages;
    if (auto ahead = ahead_.take(messages_max)) {
        messages = *std::move(ahead);
    } else {
        messages = read_messages(**line_.ready(), first_found(), settings_.batch_bytes_max);
        if (!messages) return messages;
    }
    found_.erase(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(messages->size()));
    if (!found_.empty()) ahead_.begin(first_found());
    return messages;
}

// Everything given was committed by now, or the reader would have been taken again.
Result<void> JournalSubscription::pass_if_due() {
    if (!passed_ || std::chrono::steady_clock::now() - moved_at_ < settings_.pass_every) return {};
    const auto saved =
        postgres::transact(**line_.ready(), [&](Transaction& tx) { reader_->move(tx, *passed_); });
    if (saved) moved({});
    return saved;
}

Result<postgres::Connection*> JournalSubscription::connection() {
    if (!reader_ || !line_.usable()) {
        return fail(ErrorCode::unavailable, "reader \"{}\" lost its connection, and the batch with it",
                    settings_.consumer);
    }
    return line_.ready();
}

void JournalSubscription::move(Transaction& tx, std::span<const Message> done, bool last) {
    // With the last entry also the rest of its tick is passed, in which there is nothing for us.
    if (last && found_.empty()) {
        reader_->move(tx, after_found_);
    } else {
        reader_->move(tx, std::get<Position>(done.back().place));
    }
}

void JournalSubscription::moved(std::span<const Message> /*done*/) {
    passed_.reset();
    moved_at_ = std::chrono::steady_clock::now();
}

Result<std::int64_t> JournalSubscription::lag() {
    if (!reader_ || !line_.usable()) return 0;
    const auto readers = journal::list_readers(**line_.ready());
    if (!readers) return std::unexpected{readers.error()};
    const auto ours = std::ranges::find(*readers, settings_.consumer, &journal::ReaderState::name);
    if (ours == readers->end())
        return fail(ErrorCode::not_found, "the journal has no reader \"{}\": it was retired",
                    settings_.consumer);
    // Numbers are drawn before entries commit, so there may be something where none is left.
    return std::max<std::int64_t>(ours->unread, ours->behind_since ? 1 : 0);
}

void JournalSubscription::let_go() {
    reader_.reset();
    ahead_.drop();
    found_.clear();
    passed_.reset();
}

// A line that nobody looks at would fill with the ticks that it listens to.
void JournalSubscription::hang_up() {
    let_go();
    line_.drop();
}

}  // namespace tollgate::consumer
