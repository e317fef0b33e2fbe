// Sends what is due. One thread claims and settles; the calls between run concurrently, outside of any
// transaction, each of them on record before it is made.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "crypto/keyring.hpp"
#include "delivery/channel.hpp"
#include "delivery/queue.hpp"
#include "delivery/send_metrics.hpp"
#include "delivery/settling.hpp"
#include "http/io_threads.hpp"
#include "postgres/connection.hpp"

namespace tollgate::delivery {

struct SenderSettings {
    postgres::ConnectionSettings connection;
    std::int32_t window = 64;  // calls under way
    std::int32_t lane_most = 4;
    std::chrono::milliseconds lease{std::chrono::seconds{30}};
    std::chrono::milliseconds call_timeout{std::chrono::seconds{10}};  // which the lease outlasts
    // While something is due that cannot go yet. Else ten times as long: what others have planned is found
    // then.
    std::chrono::milliseconds look_every{100};
    RetryLimits retries;
    std::function<void()> appended{};  // to the journal
    std::function<void()> alive{};
};

class Sender {
public:
    Sender(SenderSettings settings, Channel& channel, const crypto::Keyring& keys, http::IoThreads& threads,
           SendMetrics metrics);
    // After `run` has returned.
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Until it is stopped, and what is under way is settled.
    void run(const std::stop_token& stop);

    // Something is due then. From any thread; only what is told of is sent without delay.
    void expect(std::chrono::steady_clock::time_point due);

private:
    struct Call;
    using SteadyTime = std::chrono::steady_clock::time_point;

    // Each gives false when the database did not do it.
    bool work(bool is_to_stop);
    bool settle_ended();
    bool claim_if_time();
    bool claim_due();
    bool lapse_now();
    bool tidy_now();
    bool connected();
    void start(const Claimed& claimed, const tenants::OpenDestinations& destinations, SteadyTime lease_end);
    boost::asio::awaitable<void> call(std::shared_ptr<Call> what);
    void end(Ended ended);
    void count(const Ended& ended);
    void pause(const std::stop_token& stop);
    bool is_expected();
    void wait(const std::stop_token& stop, SteadyTime end);

    const SenderSettings settings_;
    Channel& channel_;
    const crypto::Keyring& keys_;
    http::IoThreads& threads_;
    const Uuid id_ = make_uuid_v4();
    SendMetrics metrics_;
    std::optional<postgres::Connection> connection_;
    std::size_t next_thread_ = 0;
    bool is_anything_due_ = true;  // as far as was seen at the last look
    bool has_room_again_ = false;  // since then calls have ended
    SteadyTime next_look_{};
    SteadyTime next_lapse_{};
    SteadyTime next_standing_{};
    SteadyTime next_forgetting_{};
    std::int32_t under_way_ = 0;  // of the thread that runs

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<Ended> ended_;
    std::set<SteadyTime> expected_;
};

}  // namespace tollgate::delivery
