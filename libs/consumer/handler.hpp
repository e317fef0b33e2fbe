// What a consumer does with messages. The runtime owns the rest: reading, dedupe, transactions, retries, dead
// letters, the end.
//
//   class Counting final : public Handler {
//       std::vector<Outcome> apply(postgres::Transaction& tx, std::span<const Task> batch) override {
//           for (const Task& task : batch) tx.execute("update ...", task.message->tenant);
//           return std::vector<Outcome>(batch.size(), Done{});
//       }
//   };
//
// An effect happens once because it is in the transaction that says that the message is done. Handlers do not
// depend on the order of messages: the provider's time decides which state is the newer one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "consumer/message.hpp"
#include "core/result.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

// Why a message is run: it came; an operator wants one that failed to be tried again; or one that is done to
// be done over, which corrects what it did and books nothing twice.
enum class Cause { stream, replay, redo };
std::string_view name(Cause cause);

// A message that is whole (no flaw) and that this consumer has not done.
struct Task {
    const Message* message = nullptr;
    Uuid id;
    std::int32_t attempt = 1;  // this one included
    Cause cause = Cause::stream;
    bool was_set_aside = false;  // it came before, and was not done: it has a row in consumer.work
};

struct Done {};
// It failed and may work later: counts as an attempt. Not before `at_least`.
struct RetryAfter {
    std::string reason;
    std::chrono::milliseconds at_least{0};
};
// It cannot be done yet, and that is nobody's failure. Until it is released, or for so long.
struct Hold {
    std::string cause;  // one word, by which it is released: "unmapped"
    std::string reason;
    std::optional<std::chrono::milliseconds> length = std::nullopt;
};
// It will never work.
struct Reject {
    std::string reason;
};
using Outcome = std::variant<Done, RetryAfter, Hold, Reject>;

// Called by one thread.
class Handler {
public:
    Handler() = default;
    virtual ~Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    // Whether `prepare` is wanted.
    virtual bool prepares() const { return false; }
    // Look-ups for a batch, before its transaction: concurrent, all done by `end`. What was found is kept for
    // the `apply` that follows; what failed for one message is told there. An error is everybody's.
    virtual Result<void> prepare(std::span<const Task> /*batch*/,
                                 std::chrono::steady_clock::time_point /*end*/) {
        return {};
    }

    // Database only; an outcome for each, in the same order. For what is not done it has written nothing. It
    // throws SqlError, as statements do, and lets it pass. May get fewer messages than `prepare` did, and the
    // same ones again in smaller batches: when one of them was refused or at fault, nothing of it was kept.
    virtual std::vector<Outcome> apply(postgres::Transaction& tx, std::span<const Task> batch) = 0;

    // What `apply` did last is committed: for who waits for it.
    virtual void committed() {}
};

}  // namespace tollgate::consumer
