// How often a source's requests may have documents fetched: they are not believed yet, so that whoever sends
// them could have us call a provider as often as they like. Who was right about the source lately has a
// budget of his own, which strangers cannot use up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::ingress {

struct FetchLimits {
    std::uint32_t per_second = 5;
    std::uint32_t burst = 50;
    std::uint32_t at_once_max = 8;
    // So many times all three, for who was right lately.
    std::uint32_t known_factor = 10;
    // Of this many sources some are forgotten that have fetched nothing lately.
    std::size_t remembered_max = 4096;
};

struct Asker {
    Uuid source;
    bool is_known = false;  // a request of his was verified lately

    bool operator==(const Asker&) const = default;
};

class FetchBudget {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit FetchBudget(const FetchLimits& limits) : limits_{limits} {}

    // One fetch, under way until this is gone. It does not outlive the budget.
    class Ticket {
    public:
        Ticket(Ticket&& other) noexcept : budget_{other.budget_}, asker_{other.asker_} {
            other.budget_ = nullptr;
        }
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket();

    private:
        friend class FetchBudget;
        Ticket(FetchBudget& budget, const Asker& asker) : budget_{&budget}, asker_{asker} {}

        FetchBudget* budget_;
        Asker asker_;
    };

    // rate_limited: no more for now.
    Result<Ticket> take(const Asker& asker, TimePoint now);

private:
    struct Account {
        double spent = 0;  // shrinks with time
        TimePoint at;
        std::uint32_t under_way = 0;
    };
    struct Hash {
        std::size_t operator()(const Asker& asker) const noexcept {
            return std::hash<Uuid>{}(asker.source) * 2 + static_cast<std::size_t>(asker.is_known);
        }
    };

    double spent_at(const Asker& asker, const Account& account, TimePoint now) const;
    std::uint32_t factor_of(const Asker& asker) const { return asker.is_known ? limits_.known_factor : 1; }
    void forget_idle(TimePoint now);

    const FetchLimits limits_;
    std::mutex mutex_;
    std::unordered_map<Asker, Account, Hash> accounts_;
};

}  // namespace tollgate::ingress
