#include "consumer/trial.hpp"

#include <array>

#include "consumer/handling.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

namespace {

// Of those that wait behind it: what came before is done. Another tenant's, or else the last: what comes next
// to it may well be of its kind.
const Item* neighbour_of(std::span<const Item> items, const Item& failing) {
    const Item* chosen = nullptr;
    bool is_behind = false;
    for (const Item& each : items) {
        const bool is_itself = each.task.id == failing.task.id;
        is_behind = is_behind || is_itself;
        if (!is_behind || is_itself || !each.is_for_handler()) continue;
        chosen = &each;
        if (each.task.message->tenant != failing.task.message->tenant) break;
    }
    return chosen;
}

}  // namespace

bool another_goes_through(const Workshop& shop, std::span<const Item> items, const Item& failing) {
    const Item* const other = neighbour_of(items, failing);
    const auto line = shop.line.ready();
    if (other == nullptr || !line) return false;
    const std::array tasks{other->task};
    const std::array ids{other->task.id};
    if (!begin_with(**line, shop.worker, ids, 0)) return false;
    if (shop.alive) shop.alive();
    const Watchdog::Watch watch{shop.watchdog, shop.deadline};
    if (!prepare(shop.handler, tasks, std::chrono::steady_clock::now() + shop.deadline / 2)) return false;
    bool went = false;
    // An error, so that it is rolled back.
    const auto tried = postgres::transact(**line, [&](postgres::Transaction& tx) -> Result<void> {
        went = apply(shop.handler, tx, tasks).has_value();
        return fail(ErrorCode::unavailable, "it was only tried");
    });
    return went && !tried;
}

}  // namespace tollgate::consumer
