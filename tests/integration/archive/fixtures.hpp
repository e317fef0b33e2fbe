// An archive in a database of its own, and events to put into it.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "archive/events.hpp"
#include "support/database.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> archive_schemas;

// The value, or the test fails with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The midnight that today began with in UTC, or one so many days from it.
Timestamp midnight(int days_from_today = 0);
// Ids of that time, each another.
Uuid id_at(Timestamp time);

// With every field set, of one tenant.
archive::Event event(const Uuid& id);
// All of one request: the first has the bytes.
std::vector<archive::Event> events_of_request(const std::vector<Uuid>& ids, const std::string& body,
                                              const std::vector<std::pair<int, int>>& slices);

struct Day {
    std::string table;
    Uuid first;  // the least id that it takes
    Uuid next;   // the least that is beyond it

    bool operator==(const Day&) const = default;
};

// What the day so far from today must be.
Day expected_day(int days_from_today);
std::vector<Day> expected_days(int first, int last);

class Archive {
public:
    Archive() : database_{archive_schemas} {}

    const Database& database() const { return database_; }
    // In which nothing times out under a slow test.
    postgres::ConnectionSettings settings(const std::string& service = "ingress") const;
    postgres::ConnectionSettings owner() const { return database_.owner(); }

    Result<void> write(const std::vector<archive::Event>& events);
    // As the relay.
    Result<std::vector<archive::Event>> read(const std::vector<Uuid>& ids);

    // Those that take events, as the catalogue has them.
    std::vector<Day> days();
    // The table that has the event of this id.
    std::string table_of(const Uuid& id);

private:
    Database database_;
};

// Waits until this backend waits for a lock.
bool waits_for_lock(const Archive& archive, std::int32_t backend_pid);

// Of a way of reading that may leave some out at the end: asked again for those.
template <typename Read>
auto read_all(std::span<const Uuid> ids, const Read& read) {
    auto found = read(ids);
    while (found.size() < ids.size())
        for (auto& one : read(ids.subspan(found.size()))) found.push_back(std::move(one));
    return found;
}

}  // namespace tollgate::test
