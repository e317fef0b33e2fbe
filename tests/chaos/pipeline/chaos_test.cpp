// Faults at random points of a seeded run; afterwards Postgres, the topic and what senders were told agree.
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>

#include "core/pause.hpp"
#include "senders.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::Senders;
using test::TopicReader;
using test::World;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment while tests run
    const char* text = std::getenv(variable);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

// As the topic has them: each event once, at its first occurrence.
std::map<std::string, std::vector<std::string>> first_ids(const TopicReader& reader) {
    std::map<std::string, std::vector<std::string>> by_key;
    std::set<std::string> known;
    for (const test::Seen& seen : reader.seen()) {
        const std::string& id = seen.headers.at("ce_id");
        if (known.insert(id).second) by_key[seen.key.substr(seen.key.rfind('/') + 1)].push_back(id);
    }
    return by_key;
}

std::set<std::string> stored_ids(const test::Pipeline& pipeline) {
    postgres::Connection connection = pipeline.owner();
    std::set<std::string> ids;
    for (const postgres::Row row : connection.execute("select id from archive.event"))
        ids.insert(row.get<Uuid>(0).text());
    return ids;
}

}  // namespace

TEST_CASE("whatever is killed or stopped each committed event comes onto the topic and each key in order") {
    const std::uint64_t seed = number_from("TOLLGATE_TEST_CHAOS_SEED", std::random_device{}());
    const std::chrono::seconds length{number_from("TOLLGATE_TEST_CHAOS_SECONDS", 180)};
    INFO("TOLLGATE_TEST_CHAOS_SEED=" << seed);
    test::Chance chance{seed};
    World world;
    world.heal();
    TopicReader reader{world.pipeline(), "raw"};
    Senders senders{world};
    std::vector<std::string> faults;
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
        pause(std::chrono::milliseconds{200 + chance() % 2000}, {});
        faults.push_back(world.harm(chance));
    }
    world.heal();
    const auto told = senders.stop();
    std::string story;
    for (const std::string& fault : faults) story += fault + "\n";
    INFO(story);
    CHECK(senders.strange().empty());
    REQUIRE(reader.read_until(senders.accepted(), 120s));
    reader.read_on(2s);

    const auto on_topic = first_ids(reader);
    CHECK(on_topic == told);
    std::set<std::string> all;
    for (const auto& [key, ids] : on_topic) all.insert(ids.begin(), ids.end());
    CHECK(all == stored_ids(world.pipeline()));
    WARN(fmt::format("seed {}: {} faults, {} events, {} repeats", seed, faults.size(), reader.events(),
                     reader.seen().size() - reader.events()));
}
