#include "delivery/stored_event.hpp"

#include "tenants/audit.hpp"

namespace tollgate::delivery {

Result<StoredPaymentEvent> look_at_event(postgres::Transaction& tx, const tenants::Actor& actor,
                                         const Uuid& id, std::string_view verb) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    const auto rows = tx.execute("select tenant, data from delivery.payment_event_of($1)", id);
    if (rows.empty()) {
        return fail(
            ErrorCode::not_found,
            "no payment event {} is stored, of a tenant that you may see: `tollgate event list` shows "
            "what came, and `tollgate event show` whether enrichment has made a payment event of it",
            id);
    }
    auto event = events::decode_payment_event(rows.only().get<std::string_view>(1));
    if (!event) return std::unexpected{event.error()};
    const Uuid tenant = rows.only().get<Uuid>(0);
    tenants::record(tx, actor, {.verb = verb, .tenant = tenant, .arguments = {{"event", id.text()}}});
    const auto times = tx.execute(
        "select clock_timestamp(), extract(epoch from (now() at time zone t.time_zone) - (now() at time zone "
        "'UTC'))::bigint from tenants.tenant t where t.tenant = $1",
        tenant);
    return StoredPaymentEvent{
        .tenant = tenant,
        .event = std::move(*event),
        .clock = {.now = times.only().get<Timestamp>(0),
                  .utc_offset = std::chrono::seconds{times.only().get<std::int64_t>(1)}}};
}

}  // namespace tollgate::delivery
