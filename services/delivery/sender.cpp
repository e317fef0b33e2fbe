#include "delivery/sender.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "delivery/speech.hpp"
#include "telemetry/log.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::chrono::seconds lapse_every{1};
constexpr std::chrono::seconds standing_every{10};
constexpr std::chrono::minutes forget_every{10};
constexpr std::chrono::seconds forget_more_every{1};
constexpr std::chrono::milliseconds after_failure{500};
constexpr int looks_left_out = 10;  // while nothing is due
// Of what is planned for later: the sender wakes up for several at a time.
using Wakings = std::chrono::duration<std::int64_t, std::centi>;
constexpr std::int32_t kept_for_quick_ones = 4;  // one in so many calls

// A digest, a storm, what waited for the end of quiet hours and what is replayed are late on purpose.
std::optional<Timestamp> since(const Claimed& claimed) {
    if (claimed.kind != "message" || claimed.replayed || claimed.told.empty()) return std::nullopt;
    return time_of(std::ranges::min(claimed.told, {}, &ToldEvent::id).id);
}

}  // namespace

struct Sender::Call {
    Claimed claimed;
    tenants::OpenDestination destination;
    Said said;
    SteadyTime lease_end;
};

Sender::Sender(SenderSettings settings, Channel& channel, const crypto::Keyring& keys,
               http::IoThreads& threads, SendMetrics metrics)
    : settings_{std::move(settings)}, channel_{channel}, keys_{keys}, threads_{threads}, metrics_{metrics} {}

Sender::~Sender() = default;

void Sender::run(const std::stop_token& stop) {
    while (!stop.stop_requested() || under_way_ > 0) {
        if (settings_.alive) settings_.alive();
        const bool well = connected() && work(stop.stop_requested());
        metrics_.failing.Set(well ? 0 : 1);
        metrics_.under_way.Set(under_way_);
        if (!well) {
            pause(stop);
        } else if (!stop.stop_requested()) {
            wait(stop, next_look_);
        }
        // When it is told to stop nothing waits by the stop token any more, but for calls.
        if (stop.stop_requested() && under_way_ > 0)
            wait({}, std::chrono::steady_clock::now() + settings_.look_every);
    }
}

bool Sender::work(bool is_to_stop) {
    // What others left is looked for also while our own cannot be written.
    const bool settled = settle_ended();
    const bool looked_after = lapse_now() && tidy_now();
    return settled && looked_after && (is_to_stop || claim_if_time());
}

// Where something waits for calls to end, also when they have.
bool Sender::claim_if_time() {
    const bool expected = is_expected();
    const bool is_time = std::chrono::steady_clock::now() >= next_look_;
    if (!expected && !is_time && !(is_anything_due_ && has_room_again_)) return true;
    has_room_again_ = false;
    return claim_due();
}

bool Sender::connected() {
    if (connection_ && connection_->usable()) return true;
    auto opened = postgres::Connection::open(settings_.connection);
    if (!opened) {
        telemetry::log::warning("the sender cannot reach the database", {{"error", opened.error().text()}});
        return false;
    }
    connection_.emplace(std::move(*opened));
    return true;
}

bool Sender::settle_ended() {
    std::vector<Ended> ended;
    {
        const std::scoped_lock lock{mutex_};
        ended.swap(ended_);
    }
    if (ended.empty()) return true;
    Settled settled = settle(*connection_, std::move(ended), settings_.retries);
    under_way_ -= static_cast<std::int32_t>(settled.noted.size());
    has_room_again_ = true;
    for (const Ended& each : settled.noted) count(each);
    for (const LaneChange& each : settled.changes) log(each);
    metrics_.died.Increment(static_cast<double>(settled.died));
    if (settled.died > 0 && settings_.appended) settings_.appended();
    if (settled.left.empty()) return true;
    telemetry::log::warning("what came of calls is not noted yet", {{"error", settled.trouble}});
    const std::scoped_lock lock{mutex_};
    std::ranges::move(settled.left, std::back_inserter(ended_));
    return false;
}

void Sender::count(const Ended& ended) {
    metrics_.count(ended.outcome.kind);
    if (ended.outcome.kind != OutcomeKind::delivered || !ended.since) return;
    // Who received it has another clock.
    metrics_.age_seconds.Observe(
        std::max(0.0, std::chrono::duration<double>(SystemClock{}.now() - *ended.since).count()));
}

bool Sender::lapse_now() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_lapse_) return true;
    const auto gone = postgres::transact(*connection_, [](postgres::Transaction& tx) { return lapse(tx); });
    if (!gone) {
        telemetry::log::warning("attempts that lapsed are not looked for", {{"error", gone.error().text()}});
        return false;
    }
    metrics_.lapsed.Increment(static_cast<double>(*gone));
    next_lapse_ = now + lapse_every;
    return true;
}

bool Sender::tidy_now() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_standing_) {
        const auto standing =
            postgres::transact(*connection_, [](postgres::Transaction& tx) { return read_standing(tx); });
        if (!standing) {
            telemetry::log::warning("how the queue stands is not known",
                                    {{"error", standing.error().text()}});
            return false;
        }
        metrics_.show(*standing);
        next_standing_ = now + standing_every;
    }
    if (now >= next_forgetting_) {
        const auto is_done =
            postgres::transact(*connection_, [](postgres::Transaction& tx) { return forget(tx); });
        if (!is_done) {
            telemetry::log::warning("what is old is not taken away", {{"error", is_done.error().text()}});
            return false;
        }
        // A little at a time, so that what is due does not wait for it.
        next_forgetting_ = now + (*is_done ? std::chrono::seconds{forget_every} : forget_more_every);
    }
    return true;
}

bool Sender::claim_due() {
    const std::int32_t room = settings_.window - under_way_;
    next_look_ = std::chrono::steady_clock::now() + settings_.look_every;
    is_anything_due_ = true;
    if (room <= 0) return true;
    // By our own clock from before the lease began: what was stopped in between finds it over too early, and
    // never too late.
    const auto lease_end = std::chrono::steady_clock::now() + settings_.lease;
    std::vector<Claimed> claimed;
    tenants::OpenDestinations destinations;
    const auto done = postgres::transact(*connection_, [&](postgres::Transaction& tx) {
        claimed = claim(tx, id_,
                        {.most = room,
                         .lane_most = settings_.lane_most,
                         .kept = settings_.window / kept_for_quick_ones,
                         .lease = settings_.lease});
        if (claimed.empty()) {
            is_anything_due_ = is_any_due(tx);
            return;
        }
        std::vector<tenants::DestinationId> wanted;
        wanted.reserve(claimed.size());
        for (const Claimed& each : claimed)
            wanted.push_back({.tenant = each.tenant, .destination = each.destination});
        destinations = tenants::open_destinations(tx, keys_, wanted);
    });
    if (!done) {
        // Also if it is not known whether they were claimed: then their leases lapse.
        telemetry::log::warning("nothing is claimed", {{"error", done.error().text()}});
        return false;
    }
    for (const Claimed& each : claimed) start(each, destinations, lease_end);
    if (!is_anything_due_)
        next_look_ = std::chrono::steady_clock::now() + looks_left_out * settings_.look_every;
    if (static_cast<std::int32_t>(claimed.size()) == room) next_look_ = {};
    return true;
}

void Sender::start(const Claimed& claimed, const tenants::OpenDestinations& destinations,
                   SteadyTime lease_end) {
    ++under_way_;
    const auto found = std::ranges::find_if(destinations.opened, [&](const tenants::OpenDestination& each) {
        return each.tenant == claimed.tenant && each.id == claimed.destination;
    });
    if (found == destinations.opened.end() || claimed.told.empty()) {
        end({.attempt = claimed.attempt,
             .tenant = claimed.tenant,
             .destination = claimed.destination,
             .outcome = found == destinations.opened.end()
                            ? Outcome{.kind = OutcomeKind::retry,
                                      .reason = "the destination's secret cannot be opened with the sealing "
                                                "keys of this process: give it the key, or reconnect the "
                                                "destination"}
                            : Outcome{.kind = OutcomeKind::dead, .reason = "it tells of no event"},
             .headline = ""});
        return;
    }
    auto what = std::make_shared<Call>(
        Call{.claimed = claimed, .destination = *found, .said = {}, .lease_end = lease_end});
    http::spawn(threads_.executor(next_thread_++ % threads_.size()), call(std::move(what)), "send a message");
}

boost::asio::awaitable<void> Sender::call(std::shared_ptr<Call> what) {
    const Claimed& claimed = what->claimed;
    Outcome outcome;
    const auto began = std::chrono::steady_clock::now();
    try {
        what->said = say(claimed, what->destination);
        // The last thing before the call: whoever was stopped for longer than its lease has lost the claim.
        if (std::chrono::steady_clock::now() + settings_.call_timeout >= what->lease_end) {
            // That is no failure of its destination (016_breaker.sql).
            outcome = {.kind = OutcomeKind::retry,
                       .reason = "it was not called: the sender was stopped until its lease was over",
                       .after = std::chrono::seconds{0},
                       .code = "not_called"};
        } else {
            outcome = co_await channel_.send(what->destination, what->said.message, what->said.place,
                                             claimed.as_text ? SlackForm::text_only : SlackForm::blocks);
        }
    } catch (const std::exception& failure) {
        // Thrown before or after the call, nobody knows.
        outcome = {.kind = OutcomeKind::unknown, .reason = failure.what()};
    }
    metrics_.call_seconds.Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    end({.attempt = claimed.attempt,
         .tenant = claimed.tenant,
         .destination = claimed.destination,
         .outcome = std::move(outcome),
         .headline = first_line(what->said.message),
         .story = std::move(what->said.story),
         .since = since(claimed)});
}

void Sender::end(Ended ended) {
    {
        const std::scoped_lock lock{mutex_};
        ended_.push_back(std::move(ended));
    }
    changed_.notify_one();
}

void Sender::expect(SteadyTime due) {
    const bool is_due = due <= std::chrono::steady_clock::now();
    {
        const std::scoped_lock lock{mutex_};
        expected_.insert(is_due ? due : SteadyTime{std::chrono::ceil<Wakings>(due)});
    }
    changed_.notify_one();
}

bool Sender::is_expected() {
    const std::scoped_lock lock{mutex_};
    const auto later = expected_.upper_bound(std::chrono::steady_clock::now());
    const bool any = later != expected_.begin();
    expected_.erase(expected_.begin(), later);
    return any;
}

void Sender::wait(const std::stop_token& stop, SteadyTime end) {
    std::unique_lock lock{mutex_};
    while (ended_.empty() && !stop.stop_requested()) {
        const SteadyTime until = expected_.empty() ? end : std::min(end, *expected_.begin());
        if (std::chrono::steady_clock::now() >= until) return;
        changed_.wait_until(lock, stop, until, [&] {
            return !ended_.empty() || (!expected_.empty() && *expected_.begin() < until);
        });
    }
}

// Whatever there is to settle: the database does not take it.
void Sender::pause(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    const auto never = [] { return false; };
    if (stop.stop_requested()) {
        changed_.wait_for(lock, after_failure, never);
    } else {
        changed_.wait_for(lock, stop, after_failure, never);
    }
}

}  // namespace tollgate::delivery
