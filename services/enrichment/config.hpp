// The settings of enrichment: [lookups], [brandfetch], [directories], [upkeep].
#pragma once

#include <memory>

#include "consumer/handler.hpp"
#include "enrichment/lookups.hpp"
#include "enrichment/upkeep.hpp"
#include "process/seal_config.hpp"
#include "process/settings.hpp"

namespace tollgate::enrichment {

struct Config {
    LookupSettings lookups;
    UpkeepSettings upkeep;
    // The process' own: without it directories with a token are not asked.
    process::SealConfig seal;

    void declare(process::Settings& settings);
};

// With its look-ups and its upkeep. An error if the sealing keys that are named cannot be read.
Result<std::unique_ptr<consumer::Handler>> make_handler(const Config& config,
                                                        const postgres::ConnectionSettings& connection,
                                                        telemetry::Metrics& metrics);

}  // namespace tollgate::enrichment
