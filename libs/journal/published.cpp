#include "journal/published.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <vector>

#include "core/clock.hpp"

namespace tollgate::journal {

namespace {

// Of the events of one hour and tenant.
struct Sum {
    std::int32_t records = 0;
    std::int32_t again = 0;
    Uuid first;
    Uuid last;
    std::string places;
};

struct SumKey {
    Timestamp hour;
    Uuid tenant;
    std::string_view topic;
    std::string_view log_topic;

    auto operator<=>(const SumKey&) const = default;
};

void add(Sum& sum, const Published& record) {
    const Uuid& id = record.entry.event_id;
    // What a dead letter adds is no sign of a repeat; what is refilled says so.
    const bool again = record.entry.headers && record.entry.headers->contains("\"again\"");
    ++(again ? sum.again : sum.records);
    sum.first = sum.places.empty() ? id : std::min(sum.first, id);
    sum.last = sum.places.empty() ? id : std::max(sum.last, id);
    sum.places.append(id.bytes.begin(), id.bytes.end());
    postgres::append_int32(sum.places, record.partition);
    postgres::append_int64(sum.places, record.offset);
}

}  // namespace

void begin_counting_published(postgres::Transaction& transaction) {
    transaction.execute("insert into journal.publishing default values on conflict do nothing");
}

void note_published(postgres::Transaction& transaction, std::span<const Published> all) {
    if (all.empty()) return;
    std::map<SumKey, Sum> sums;
    // Most records are of the same sum as the one before.
    auto running = sums.end();
    for (const Published& record : all) {
        const Timestamp hour = std::chrono::floor<std::chrono::hours>(time_of(record.entry.event_id));
        const SumKey key{hour, record.entry.tenant, record.entry.topic, record.log_topic};
        if (running == sums.end() || running->first != key) running = sums.try_emplace(key).first;
        add(running->second, record);
    }
    std::vector<Timestamp> hours;
    std::vector<Uuid> tenants;
    std::vector<std::string_view> topics;
    std::vector<std::string_view> log_topics;
    std::vector<std::int32_t> records;
    std::vector<std::int32_t> again;
    std::vector<Uuid> first;
    std::vector<Uuid> last;
    std::vector<postgres::Bytes> places;
    for (const auto& [key, sum] : sums) {
        hours.push_back(key.hour);
        tenants.push_back(key.tenant);
        topics.push_back(key.topic);
        log_topics.push_back(key.log_topic);
        records.push_back(sum.records);
        again.push_back(sum.again);
        first.push_back(sum.first);
        last.push_back(sum.last);
        places.push_back({sum.places});
    }
    transaction.execute(
        "insert into journal.published (hour, tenant, topic, log_topic, records, again, first_id, last_id, "
        "places) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        hours, tenants, topics, log_topics, records, again, first, last, places);
}

}  // namespace tollgate::journal
