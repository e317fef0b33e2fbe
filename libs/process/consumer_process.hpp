// A program that is one consumer and nothing else: what it says of itself, and its handler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "consumer/handler.hpp"
#include "postgres/migrate.hpp"
#include "process/command_line.hpp"
#include "process/settings.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::process {

struct ConsumerProcess {
    std::string
        name;  // "billing": in the registration, the metrics and the logs; its role is tollgate_billing
    std::string input;  // what it reads: "raw" or "payment"
    std::uint16_t probes_port = 0;
    std::string_view summary;
    std::string_view details;
    // Of the tables that it uses.
    postgres::Schemas schemas;
    std::function<std::unique_ptr<consumer::Handler>()> make_handler;
    // Of a handler that needs more than the runtime gives it, instead: its settings, and how it is made with
    // them, with how its role reaches the database and with where it counts.
    std::function<void(Settings&)> declare{};
    std::function<Result<std::unique_ptr<consumer::Handler>>(const postgres::ConnectionSettings&,
                                                             telemetry::Metrics&)>
        equip{};
};

// Waits for a migrated database, refuses the wrong bus, runs until it is told to stop.
Command consumer_command(ConsumerProcess what);

}  // namespace tollgate::process
