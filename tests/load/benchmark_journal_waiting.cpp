// What it takes to wait for entries: how soon they come, and what it costs when none come.
#include <thread>

#include "journal/announcer.hpp"
#include "journal/append.hpp"
#include "journal/keeper.hpp"
#include "journal/readers.hpp"
#include "load/journal_log.hpp"
#include "load/measure.hpp"
#include "load/process_usage.hpp"

namespace tollgate::load {

namespace {

using postgres::Connection;
using postgres::Transaction;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t appenders = 8;
constexpr std::size_t entries_per_second = 2000;
constexpr std::chrono::seconds latency_run{20};
constexpr std::chrono::seconds warm_up{2};
constexpr std::chrono::seconds idle_run{60};
constexpr std::size_t idle_readers = 5;
// As a consumer does: by hint, and now and then without.
constexpr std::chrono::milliseconds look_every{1000};

constexpr std::size_t entries_in_all =
    entries_per_second * static_cast<std::size_t>((latency_run + warm_up).count());

postgres::ConnectionSettings settings(const Surroundings& surroundings) {
    return {.url = Secret{surroundings.database_url}, .application_name = "journal load"};
}

// Leased, reading and moving, until told to stop.
class Follower {
public:
    Follower(const Surroundings& surroundings, std::string name,
             std::function<void(const journal::Entry&)> each)
        : name_{std::move(name)},
          each_{std::move(each)},
          connection_{open_database(surroundings, "journal load")},
          lease_{settings(surroundings), {.name = "reader." + name_}, make_uuid_v4()} {
        must(journal::register_reader(connection_, name_));
        const auto epoch = lease_.wait_until_held({});
        auto reader = must(journal::Reader::take(
            connection_, {.name = name_, .holder = lease_.holder(), .epoch = epoch.value()}));
        thread_ = std::jthread{[this, reader = std::move(reader)](const std::stop_token& stop) mutable {
            while (!stop.stop_requested()) follow(reader);
        }};
    }

private:
    void follow(journal::Reader& reader) {
        while (const auto batch = must(reader.next(1000))) {
            for (const journal::Entry& entry : batch->entries) each_(entry);
            must(transact(connection_, [&](Transaction& tx) {
                tx.execute("set local synchronous_commit = off");
                reader.move(tx, batch->after);
            }));
        }
        reader.wait(look_every);
    }

    std::string name_;
    std::function<void(const journal::Entry&)> each_;
    Connection connection_;
    postgres::Lease lease_;
    std::jthread thread_;
};

// When each entry was committed, by the number in its event's id.
using CommitTimes = std::vector<std::atomic<SteadyTime>>;

Uuid event_of(std::size_t number) {
    Uuid id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
}

std::size_t number_of(const Uuid& event) {
    std::size_t number = 0;
    for (std::size_t i = 8; i-- > 0;) number = (number << 8U) | event.bytes[i];
    return number;
}

// One of those who append at their pace, each entry in a commit of its own.
Latencies append_paced(const Surroundings& surroundings, std::size_t place, SteadyTime begin,
                       journal::Announcer& announcer, CommitTimes& committed) {
    Connection connection = open_database(surroundings, "journal load");
    Latencies commits;
    constexpr auto between = std::chrono::nanoseconds{std::chrono::seconds{1}} / entries_per_second;
    for (std::size_t number = place; number < entries_in_all; number += appenders) {
        pause_until(begin + between * static_cast<std::int64_t>(number));
        const journal::NewEntry entry{
            .tenant = {}, .topic = "raw", .event_id = event_of(number), .headers = std::nullopt};
        const SteadyTime began = std::chrono::steady_clock::now();
        must(transact(connection, [&](Transaction& tx) { journal::append(tx, {&entry, 1}); }));
        const SteadyTime now = std::chrono::steady_clock::now();
        committed[number].store(now);
        announcer.announce();
        commits.record(now - began);
    }
    return commits;
}

double cpu_seconds_of_all(Connection& connection) {
    double seconds = usage_of("self").cpu_seconds;
    for (const postgres::Row row : connection.execute(
             "select pid::text from pg_stat_activity where application_name = 'journal load'")) {
        seconds += usage_of(row.get<std::string>(0)).cpu_seconds;
    }
    return seconds;
}

}  // namespace

JournalLatency measure_journal_latency(const Surroundings& surroundings) {
    telemetry::Metrics metrics;
    const journal::Keeper keeper{settings(surroundings), {}, make_uuid_v4(), metrics};
    journal::Announcer announcer{settings(surroundings), std::chrono::milliseconds{5}};
    CommitTimes committed(entries_in_all);
    std::vector<SteadyTime> read(entries_in_all);
    std::atomic<std::size_t> count = 0;
    JournalLatency latency;
    {
        const Follower follower{surroundings, "latency", [&](const journal::Entry& entry) {
                                    read.at(number_of(entry.event_id)) = std::chrono::steady_clock::now();
                                    ++count;
                                    count.notify_one();
                                }};
        const SteadyTime begin = std::chrono::steady_clock::now() + std::chrono::seconds{1};
        std::vector<Latencies> commits(appenders);
        {
            std::vector<std::jthread> threads;
            for (std::size_t place = 0; place < appenders; ++place) {
                threads.emplace_back([&, place] {
                    commits[place] = append_paced(surroundings, place, begin, announcer, committed);
                });
            }
        }
        for (const Latencies& some : commits) latency.commit.add(some);
        for (std::size_t seen = count; seen < entries_in_all; seen = count) count.wait(seen);
    }
    const std::size_t warm = entries_per_second * static_cast<std::size_t>(warm_up.count());
    for (std::size_t number = warm; number < entries_in_all; ++number)
        latency.commit_to_reader.record(read[number] - committed[number].load());
    return latency;
}

double measure_journal_idle_cpu(const Surroundings& surroundings) {
    telemetry::Metrics metrics;
    const journal::Keeper keeper{settings(surroundings), {}, make_uuid_v4(), metrics};
    std::vector<std::unique_ptr<Follower>> followers;
    for (std::size_t i = 0; i < idle_readers; ++i) {
        followers.push_back(
            std::make_unique<Follower>(surroundings, fmt::format("idle{}", i), [](const journal::Entry&) {}));
    }
    Connection connection = open_database(surroundings, "counting");
    const double before = cpu_seconds_of_all(connection);
    const SteadyTime began = std::chrono::steady_clock::now();
    pause_until(began + idle_run);
    const double used = cpu_seconds_of_all(connection) - before;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return 100 * used / took.count();
}

}  // namespace tollgate::load
