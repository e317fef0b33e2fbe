// Sending as part of a process: its settings, and all that runs it.
#pragma once

#include <memory>
#include <thread>

#include "delivery/send_config.hpp"
#include "delivery/sender.hpp"
#include "delivery/slack_channel.hpp"
#include "journal/announcer.hpp"
#include "process/database_check.hpp"
#include "process/process.hpp"

namespace tollgate::delivery {

struct ServiceConfig {
    SlackConfig slack;
    SendConfig send;

    void declare(process::Settings& settings);
};

class Service {
public:
    // The database was checked. The keys and the process must outlive it.
    static Result<std::unique_ptr<Service>> start(const ServiceConfig& config,
                                                  const process::DatabaseConfig& database,
                                                  const crypto::Keyring& keys, process::Process& process);
    // Waits for the calls that are under way, and notes what came of them.
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    // As Sender::expect.
    void expect(std::chrono::steady_clock::time_point due) { sender_.expect(due); }

private:
    Service(const ServiceConfig& config, const process::DatabaseConfig& database, SlackClient slack,
            const crypto::Keyring& keys, process::Process& process);

    journal::Announcer announcer_;
    SlackChannel channel_;
    http::IoThreads threads_;
    Sender sender_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::delivery
