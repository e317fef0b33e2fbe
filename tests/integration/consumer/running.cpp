#include "running.hpp"

#include <algorithm>

#include "support/wait.hpp"

namespace tollgate::test {

Running::Running(const MemberSettings& settings, const TrialRuntime::Change& change)
    : trial_{settings, handler_, {}, change},
      thread_{[this](const std::stop_token& stop) { ended_ = trial_.runtime().run(stop); }} {}

Running::~Running() {
    static_cast<void>(stop());
}

Result<void> Running::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return ended_;
}

std::vector<std::string> work(const World& world) {
    postgres::Connection connection = open(world.settings());
    std::vector<std::string> rows;
    for (const postgres::Row row : connection.execute("select state || ' ' || attempt || coalesce(' ' || "
                                                      "hold, '') || ': ' || reason from consumer.work "
                                                      "order by message_id"))
        rows.push_back(row.get<std::string>(0));
    return rows;
}

std::vector<archive::Event> bodies(const std::vector<std::string>& all) {
    std::vector<archive::Event> events;
    events.reserve(all.size());
    for (const std::string& body : all) events.push_back(event(body));
    return events;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
    std::ranges::sort(all);
    return all;
}

void make_trial_tables(const World& world) {
    postgres::Connection owner = open(world.owner());
    TrialHandler::create_tables(owner, "tollgate_enrichment");
}

bool comes_true(const std::function<bool()>& condition) {
    return wait_until(condition, std::chrono::seconds{60});
}

std::int64_t count(const World& world, const std::string& of) {
    return open(world.settings()).execute("select count(*) from " + of).only().get<std::int64_t>(0);
}

}  // namespace tollgate::test
