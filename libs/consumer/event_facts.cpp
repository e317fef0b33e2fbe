#include "consumer/event_facts.hpp"

namespace tollgate::consumer {

using postgres::Row;
using postgres::Transaction;

std::unexpected<Error> no_such_event(Transaction& tx, const Uuid& id) {
    const auto letters = tx.execute(
        "select consumer from consumer.letter where message_id = $1 "
        "and consumer = any (array(select consumer.letter_consumers())) order by consumer limit 1",
        id);
    if (!letters.empty()) {
        const auto consumer = letters.only().get<std::string>(0);
        const bool was_dropped = tx.execute("select consumer.is_of_dropped_day($1)", id).only().get<bool>(0);
        return fail(
            ErrorCode::not_found,
            "event {} is not stored {}. `tollgate dead-letter show {} --consumer {}` shows what is "
            "left of it",
            id,
            was_dropped ? "any more: its day was dropped" : "here: somebody else put its record on the bus",
            id, consumer);
    }
    return fail(
        ErrorCode::not_found,
        "no event {} is stored, of a tenant that you may see: `tollgate event list` shows those that are",
        id);
}

Result<EventFacts> find_facts(Transaction& tx, const Uuid& id) {
    const auto rows = tx.execute(
        "select e.tenant, t.slug, e.source, e.provider, e.type, e.provider_event_id, e.subject, e.withheld, "
        "e.provider_time, e.ordering_key, e.content_type, e.account, e.mode, e.proof, e.secret, "
        "e.received_from, coalesce(e.length, 0) "
        "from consumer.event_facts($1) e left join tenants.tenant t using (tenant)",
        id);
    if (rows.empty()) return no_such_event(tx, id);
    const Row row = rows.only();
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
    return EventFacts{.event = {.id = id,
                                .tenant = row.get<Uuid>(0),
                                .tenant_slug = text(1),
                                .source = row.get<std::string>(2),
                                .provider = row.get<std::string>(3),
                                .type = row.get<std::string>(4),
                                .provider_event_id = text(5),
                                .subject = text(6),
                                .withheld = row.get<bool>(7)},
                      .provider_time = row.get<std::optional<Timestamp>>(8),
                      .ordering_key = text(9),
                      .content_type = text(10),
                      .account = text(11),
                      .mode = text(12),
                      .proof = text(13),
                      .secret = row.get<std::optional<Uuid>>(14),
                      .received_from = text(15),
                      .bytes = row.get<std::int64_t>(16)};
}

}  // namespace tollgate::consumer
