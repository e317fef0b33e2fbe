#include "process/journal_config.hpp"

namespace tollgate::process {

void JournalConfig::declare(Settings& settings) {
    settings.add("journal.bytes_max", bytes_max, "of the journal on disk; beyond it no webhook is accepted");
    settings.add("journal.child_bytes_max", child_bytes_max,
                 "of one of its children, before the next takes over");
    settings.add("journal.child_age_max", child_age_max, "likewise");
    settings.add("journal.tick_every", tick_every, "at most, while something new comes");
    settings.add("journal.look_every", look_every, "for something new, when no hint comes");
}

journal::KeeperSettings JournalConfig::keeper() const {
    return {.tick_every = tick_every,
            .look_every = look_every,
            .rotation = {.child_bytes_max = child_bytes_max.bytes, .child_age_max = child_age_max}};
}

journal::WatchSettings JournalConfig::watch(const DatabaseConfig& database) const {
    return {.bytes_max = bytes_max.bytes, .database_bytes_max = database.bytes_max.bytes};
}

}  // namespace tollgate::process
