// The settings [journal] of every process that keeps or watches it.
#pragma once

#include <chrono>

#include "journal/keeper.hpp"
#include "journal/watch.hpp"
#include "process/database_check.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

struct JournalConfig {
    ByteSize bytes_max{8ULL << 30U};
    ByteSize child_bytes_max{64ULL << 20U};
    std::chrono::milliseconds child_age_max{std::chrono::minutes{10}};
    std::chrono::milliseconds tick_every{5};
    std::chrono::milliseconds look_every{250};

    void declare(Settings& settings);

    journal::KeeperSettings keeper() const;
    // The database as a whole is watched along with it.
    journal::WatchSettings watch(const DatabaseConfig& database) const;
};

}  // namespace tollgate::process
