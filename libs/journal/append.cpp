#include "journal/append.hpp"

#include <string_view>
#include <vector>

namespace tollgate::journal {

void append(postgres::Transaction& transaction, std::span<const NewEntry> entries) {
    std::vector<Uuid> tenants;
    std::vector<std::string_view> topics;
    std::vector<Uuid> event_ids;
    std::vector<std::optional<postgres::Json>> headers;
    for (const NewEntry& entry : entries) {
        tenants.push_back(entry.tenant);
        topics.emplace_back(entry.topic);
        event_ids.push_back(entry.event_id);
        headers.push_back(entry.headers ? std::optional{postgres::Json{*entry.headers}} : std::nullopt);
    }
    transaction.execute(
        "insert into journal.entry (child, tenant, topic, event_id, headers) "
        "select s.child, e.tenant, e.topic, e.event_id, e.headers from journal.state s, "
        "unnest($1, $2, $3, $4) with ordinality as e(tenant, topic, event_id, headers, place) order by "
        "e.place",
        tenants, topics, event_ids, headers);
}

}  // namespace tollgate::journal
