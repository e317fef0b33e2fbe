#include "consumer/erase.hpp"

#include "postgres/columns.hpp"

namespace tollgate::consumer {

namespace {

std::optional<std::string> bytes_or_none(const postgres::Row& row, std::size_t column) {
    const auto bytes = row.get<std::optional<std::string_view>>(column);
    return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

}  // namespace

std::vector<OpenMessage> read_open_messages(postgres::Transaction& tx, const Uuid& tenant,
                                            const OpenPlace& behind, std::int32_t most) {
    std::vector<OpenMessage> messages;
    for (const auto row : tx.execute("select consumer, message_id, state = 'retrying', topic, value, payment "
                                     "from consumer.open_messages($1, $2, $3, $4)",
                                     tenant, behind.consumer, behind.id, most)) {
        messages.push_back({.place = {.consumer = row.get<std::string>(0), .id = row.get<Uuid>(1)},
                            .is_retrying = row.get<bool>(2),
                            .topic = row.get<std::string>(3),
                            .value = bytes_or_none(row, 4),
                            .payment = bytes_or_none(row, 5)});
    }
    return messages;
}

std::vector<archive::EventFacts> read_seen_facts(postgres::Transaction& tx, const Uuid& tenant,
                                                 std::span<const Uuid> events) {
    std::vector<archive::EventFacts> facts;
    const auto rows = tx.execute(
        fmt::format("select {} from consumer.seen_event_facts($1, $2)", archive::event_fact_columns), tenant,
        events);
    for (const auto row : rows) facts.push_back(archive::event_facts_in(row));
    return facts;
}

std::int64_t erase_messages(postgres::Transaction& tx, const Uuid& tenant,
                            std::span<const OpenPlace> places) {
    return tx
        .execute("select consumer.erase_messages($1, $2, $3, 'its customer was erased')", tenant,
                 postgres::column(places, [](const OpenPlace& each) { return each.consumer; }),
                 postgres::column(places, [](const OpenPlace& each) { return each.id; }))
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::consumer
