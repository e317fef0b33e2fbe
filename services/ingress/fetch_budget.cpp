#include "ingress/fetch_budget.hpp"

#include <algorithm>

namespace tollgate::ingress {

FetchBudget::Ticket::~Ticket() {
    if (budget_ == nullptr) return;
    const std::lock_guard lock{budget_->mutex_};
    --budget_->accounts_.at(asker_).under_way;
}

double FetchBudget::spent_at(const Asker& asker, const Account& account, TimePoint now) const {
    const double seconds = std::chrono::duration<double>(now - account.at).count();
    return std::max(0.0, account.spent - seconds * limits_.per_second * factor_of(asker));
}

Result<FetchBudget::Ticket> FetchBudget::take(const Asker& asker, TimePoint now) {
    const std::lock_guard lock{mutex_};
    if (accounts_.size() >= limits_.remembered_max) forget_idle(now);
    Account& account = accounts_.try_emplace(asker, Account{.at = now}).first->second;
    const std::uint32_t factor = factor_of(asker);
    if (account.under_way >= limits_.at_once_max * factor)
        return fail(ErrorCode::rate_limited, "too many documents are being fetched for the source");
    const double spent = spent_at(asker, account, now);
    if (spent + 1 > static_cast<double>(limits_.burst) * factor)
        return fail(ErrorCode::rate_limited, "too many documents were fetched for the source lately");
    account.spent = spent + 1;
    account.at = now;
    ++account.under_way;
    return Ticket{*this, asker};
}

void FetchBudget::forget_idle(TimePoint now) {
    std::erase_if(accounts_, [&](const auto& entry) {
        return entry.second.under_way == 0 && spent_at(entry.first, entry.second, now) <= 0;
    });
}

}  // namespace tollgate::ingress
