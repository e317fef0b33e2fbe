#include "ingress/committer.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "archive/days.hpp"
#include "core/backoff.hpp"
#include "core/pause.hpp"
#include "ingress/settle.hpp"
#include "ingress/store.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using Clock = std::chrono::steady_clock;
using postgres::Connection;
using postgres::SqlError;

namespace {

constexpr Backoff between_failures{.base = std::chrono::milliseconds{20},
                                   .cap = std::chrono::milliseconds{500}};
// Long enough for who is at work, and not only in the way.
constexpr std::chrono::milliseconds impatient_lock_timeout{10};
constexpr int stuck_tries_max = 5;
constexpr std::chrono::milliseconds for_lost_commit{20};
constexpr std::string_view lock_not_available = "55P03";

// A row that no day takes.
bool is_missing_day(const SqlError& error) {
    return error.sqlstate() == "23514" && error.code() == ErrorCode::unavailable;
}

// Of these it may be that one of the batch is at fault, and not all of them.
bool may_be_one(ErrorCode code) {
    return code == ErrorCode::bad_data || code == ErrorCode::contended || code == ErrorCode::timed_out;
}

}  // namespace

Committer::Committer(postgres::ConnectionSettings connection, std::function<void()> announce,
                     StuckKeys& stuck, CommitMetrics& metrics, AnswerCounts& counts)
    : settings_{std::move(connection)},
      announce_{std::move(announce)},
      stuck_{stuck},
      metrics_{metrics},
      counts_{counts} {}

void Committer::settle(std::vector<Pending>& batch, const std::stop_token& stop) {
    Requests requests;
    for (Pending& request : batch) requests.push_back(&request);
    divide(std::move(requests));
    stuck_in_vain_ = 0;
    while (!parts_.empty()) {
        Part part = std::move(parts_.front());
        parts_.pop_front();
        drop_expired(part);
        if (part.requests.empty()) continue;
        try {
            attempt(part);
            failures_ = 0;
            reported_.clear();
        } catch (const SqlError& error) {
            recover(std::move(part), error, stop);
        }
    }
}

// Those that have a key in common with an earlier one are settled together after it. Those that are likely to
// wait for a lock come last, each alone.
void Committer::divide(Requests requests) {
    const auto now = Clock::now();
    Requests stuck;
    std::erase_if(requests, [&](Pending* request) {
        const bool is_stuck = stuck_.meets(request->events, now);
        if (is_stuck) stuck.push_back(request);
        return is_stuck;
    });
    Requests later = take_meeting(requests);
    if (!requests.empty()) parts_.push_back({.requests = std::move(requests)});
    if (!later.empty()) parts_.push_back({.requests = std::move(later), .seen = true});
    for (Pending* const request : stuck)
        parts_.push_back({.requests = {request}, .seen = true, .impatient = true, .stuck = true});
}

// Of requests that meet in a key only the first stays.
Committer::Requests Committer::take_meeting(Requests& requests) {
    std::vector<std::pair<DedupeKey, Pending*>> keys;
    keys.reserve(requests.size());
    for (Pending* const request : requests)
        for (const NewEvent& event : request->events)
            for (std::size_t i = 0; i < event.keys.size(); ++i) keys.emplace_back(event.key(i), request);
    std::ranges::sort(keys, {}, [](const auto& entry) { return std::pair{entry.first, entry.second}; });
    std::set<Pending*> meeting;
    for (std::size_t i = 1; i < keys.size(); ++i) {
        const auto& [key, request] = keys[i];  // in the order of the batch, as their addresses are
        if (key == keys[i - 1].first && request != keys[i - 1].second) meeting.insert(request);
    }
    Requests later{meeting.begin(), meeting.end()};
    std::erase_if(requests, [&](Pending* request) { return meeting.contains(request); });
    return later;
}

void Committer::attempt(Part& part) {
    if (part.stuck && !part.requests.front()->in_doubt && stuck_in_vain_ >= stuck_tries_max) {
        answer(*part.requests.front(), fail(ErrorCode::contended, "another transaction holds its key"));
        return;
    }
    set_patience(part.impatient);
    if (part.seen) {
        settle_seen(part);
    } else {
        commit(part);
    }
}

void Committer::commit(Part& part) {
    std::vector<const Events*> requests;
    for (const Pending* const request : part.requests) requests.push_back(&request->events);
    metrics_.batch_size.Observe(static_cast<double>(requests.size()));
    const auto began = Clock::now();
    std::vector<bool> committed;
    without_warning([&] { committed = store::commit_new(connection(), requests); });
    metrics_.seconds.Observe(std::chrono::duration<double>(Clock::now() - began).count());
    Requests lost;
    bool any = false;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        Pending& request = *part.requests[i];
        if (!committed[i]) {
            lost.push_back(&request);
            continue;
        }
        any = true;
        Receipt receipt;
        for (const NewEvent& event : request.events) receipt.push_back({event.event.id, Fate::accepted});
        answer(request, std::move(receipt));
    }
    if (any) announce_();
    if (!lost.empty()) parts_.push_front({.requests = std::move(lost), .seen = true});
}

// Mere repeats, which are most of what was not won, cost one look for all, and the rest one transaction.
void Committer::settle_seen(Part& part) {
    std::vector<const Events*> requests;
    for (const Pending* const request : part.requests) requests.push_back(&request->events);
    Settlement settlement = ingress::settle(requests, store::find(connection(), keys_to_look_up(requests)));
    bool done = true;
    without_warning([&] {
        if (!settlement.plan.keys.empty())
            done = store::carry_out(connection(), settlement.plan);
        else
            store::make_durable(connection());
    });
    if (!done) {
        // Somebody was quicker with one of the keys, which the next look will find.
        parts_.push_back(std::move(part));
        return;
    }
    if (!settlement.plan.entries.empty()) announce_();
    for (std::size_t i = 0; i < part.requests.size(); ++i)
        answer(*part.requests[i], std::move(settlement.receipts[i]));
}

// A commit that warns did not wait for a standby that it was told to wait for: it is not as durable as it
// should be.
void Committer::without_warning(const std::function<void()>& commit) {
    const std::size_t warnings = connection().warnings();
    commit();
    if (connection().warnings() != warnings)
        throw SqlError{ErrorCode::in_doubt, "", "the server warned while it committed"};
}

void Committer::recover(Part part, const SqlError& error, const std::stop_token& stop) {
    const bool lost_line = connection_ && !connection_->usable();
    if (lost_line || error.code() == ErrorCode::in_doubt) {
        metrics_.in_doubt.Increment();
        for (Pending* const request : part.requests) request->in_doubt = true;
    }
    if (lost_line) connection_.reset();
    if (!lost_line && is_missing_day(error) && make_days(part.requests)) {
        parts_.push_front(std::move(part));
        return;
    }
    if (error.code() == ErrorCode::conflict) {
        part.seen = true;
        parts_.push_back(std::move(part));
        return;
    }
    if (!lost_line && may_be_one(error.code())) {
        if (part.requests.size() > 1) {
            split(part);
            return;
        }
        Pending& request = *part.requests.front();
        const bool meets_lock = error.sqlstate() == lock_not_available;
        if (error.code() == ErrorCode::bad_data || (meets_lock && !request.in_doubt)) {
            if (part.stuck) ++stuck_in_vain_;
            give_up(request, error);
            return;
        }
        if (meets_lock) {
            // Who holds its key is likely to be the commit whose answer was lost: soon it is known. Others
            // that come with the key meanwhile do not hold up a batch.
            part.impatient = true;
            stuck_.add(request.events, Clock::now());
            pause(for_lost_commit, stop);
            parts_.push_back(std::move(part));
            return;
        }
    }
    if (reported_ != error.what()) {
        log::warning("a batch was not committed: trying again",
                     {{"error", error.what()}, {"requests", part.requests.size()}});
        reported_ = error.what();
    }
    // The first try again is at once: a line that was cut says nothing of the server.
    if (++failures_ > 1) {
        pause(between_failures.delay(failures_), stop);
        if (stop.stop_requested()) pause(between_failures.base, {});
    }
    parts_.push_back(std::move(part));
}

void Committer::split(const Part& part) {
    metrics_.split.Increment();
    const auto middle = std::next(part.requests.begin(), std::ssize(part.requests) / 2);
    parts_.push_front({.requests = {middle, part.requests.end()}, .seen = part.seen, .impatient = true});
    parts_.push_front({.requests = {part.requests.begin(), middle}, .seen = part.seen, .impatient = true});
}

// Waiting longer for somebody else's lock would hold up all who come after; the sender comes again.
void Committer::give_up(Pending& request, const SqlError& error) {
    if (error.sqlstate() == lock_not_available) stuck_.add(request.events, Clock::now());
    answer(request, std::unexpected{error.error()});
}

// False if one could not be made.
bool Committer::make_days(const Requests& requests) {
    std::map<Timestamp, Uuid> days;  // an id of each
    for (const Pending* const request : requests) {
        const Uuid& id = request->events.front().event.id;
        days.emplace(std::chrono::floor<std::chrono::days>(time_of(id)), id);
    }
    return std::ranges::all_of(days, [this](const auto& day) {
        const auto made = archive::make_day_of(connection(), day.second);
        if (!made) log::error("a day is missing and could not be made", {{"error", made.error()}});
        return made.has_value();
    });
}

void Committer::drop_expired(Part& part) {
    std::erase_if(part.requests, [this, now = Clock::now()](Pending* request) {
        if (now < request->deadline) return false;
        answer(*request, fail(ErrorCode::unavailable, "not known to be committed in time{}",
                              reported_.empty() ? "" : ": " + reported_));
        return true;
    });
}

void Committer::answer(Pending& request, Result<Receipt> result) {
    // Whatever kept it from being settled since, it may be there.
    if (!result && request.in_doubt) result.error().code = ErrorCode::in_doubt;
    metrics_.count(result);
    counts_.count(request.events, result);
    request.answered = true;
    request.answer(std::move(result));
}

Connection& Committer::connection() {
    if (!connection_) {
        auto opened = Connection::open(settings_);
        if (!opened) throw SqlError{opened.error().code, "", opened.error().detail};
        connection_.emplace(std::move(*opened));
        // A batch goes through the statement in memory: beyond this it would go through a temporary file.
        connection_->execute("select set_config('work_mem', '64MB', false)");
        impatient_ = false;
    }
    return *connection_;
}

void Committer::set_patience(bool impatient) {
    if (impatient == impatient_ && connection_) return;
    const auto timeout = impatient ? impatient_lock_timeout : settings_.lock_timeout;
    connection().execute("select set_config('lock_timeout', $1, false)",
                         fmt::format("{}ms", timeout.count()));
    impatient_ = impatient;
}

}  // namespace tollgate::ingress
