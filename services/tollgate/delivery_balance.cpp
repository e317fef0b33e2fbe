#include "tollgate/delivery_balance.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;

std::string many(std::int64_t number, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", number, number == 1 ? one : several);
}

Imbalance found(const postgres::Row& row, std::string kind, std::string what, std::string command) {
    return {.kind = std::move(kind),
            .hour = std::nullopt,
            .tenant = row.get<Uuid>(0),
            .tenant_name = row.get<std::string>(1),
            .consumer = "delivery",
            .number = row.get<std::int64_t>(2),
            .what = std::move(what),
            .command = std::move(command)};
}

std::string list_of(const postgres::Row& row, std::string_view state) {
    return fmt::format("tollgate delivery list --tenant {} --state {}", row.get<std::string_view>(1), state);
}

// By when it was given up; what is open yet is meant whatever its age if no time was said.
void add_unsent(Transaction& tx, const std::optional<Uuid>& tenant, const OpenTime& time,
                std::vector<Imbalance>& all) {
    for (const postgres::Row row : tx.execute(
             "select d.tenant, t.slug, count(*), d.state from delivery.delivery d join tenants.tenant t "
             "using (tenant) where d.state in ('dead', 'unknown') and ($1::uuid is null or d.tenant = $1) "
             "and ($2::timestamptz is null or d.settled_at >= $2) "
             "and ($3::timestamptz is null or d.settled_at < $3) "
             "group by d.tenant, t.slug, d.state order by t.slug, d.state",
             tenant, time.since, time.until)) {
        const auto state = row.get<std::string>(3);
        const std::string number = many(row.get<std::int64_t>(2), "delivery", "deliveries");
        all.push_back(found(row, state,
                            state == "dead" ? number + " given up"
                                            : number + " of which nobody knows whether the message arrived",
                            list_of(row, state)));
    }
}

// Due a while ago and not sent, or tried again and again. What waits for a destination that takes none is
// told of as broken.
void add_late(Transaction& tx, const std::optional<Uuid>& tenant, const OpenTime& time,
              std::vector<Imbalance>& all) {
    for (const postgres::Row row : tx.execute(
             "select d.tenant, t.slug, count(*), d.first_tried_at is not null as tried from "
             "delivery.delivery d "
             "join tenants.tenant t using (tenant) join tenants.destination x using (tenant, destination) "
             "left join delivery.lane l using (tenant, destination) "
             "where d.state in ('waiting', 'sending') and ($1::uuid is null or d.tenant = $1) "
             "and least(d.first_tried_at, d.due_at) < $4 "
             "and ($2::timestamptz is null or d.created_at >= $2) "
             "and ($3::timestamptz is null or d.created_at < $3) "
             "and x.disabled_at is null and (l.broken_at is null or l.broken_at < x.secret_since) "
             "group by d.tenant, t.slug, tried order by t.slug, tried",
             tenant, time.since, time.until, time.settled)) {
        const bool tried = row.get<bool>(3);
        const std::string number = many(row.get<std::int64_t>(2), "delivery", "deliveries");
        all.push_back(found(row, tried ? "retrying" : "waiting",
                            number + (tried ? " tried again and again" : " due a while ago and not sent"),
                            list_of(row, "waiting")));
    }
}

void add_broken(Transaction& tx, const std::optional<Uuid>& tenant, std::vector<Imbalance>& all) {
    for (const postgres::Row row : tx.execute(
             "select l.tenant, t.slug, (select count(*) from delivery.delivery d where d.tenant = l.tenant "
             "and d.destination = l.destination and d.state = 'waiting'), x.slug, l.broken_reason "
             "from delivery.lane l join tenants.destination x using (tenant, destination) "
             "join tenants.tenant t using (tenant) where l.broken_at >= x.secret_since and x.disabled_at is "
             "null "
             "and ($1::uuid is null or l.tenant = $1) order by t.slug, x.slug",
             tenant)) {
        all.push_back(found(row, "broken",
                            fmt::format("{} for destination \"{}\", which takes none: {}",
                                        many(row.get<std::int64_t>(2), "delivery waits", "deliveries wait"),
                                        row.get<std::string_view>(3), row.get<std::string_view>(4)),
                            fmt::format("tollgate destination reconnect {} --tenant {} --secret-file F",
                                        row.get<std::string_view>(3), row.get<std::string_view>(1))));
    }
}

}  // namespace

Result<std::vector<Imbalance>> undelivered(Transaction& tx, const tenants::Actor& actor,
                                           const OpenTime& time) {
    std::optional<Uuid> of_tenant;
    if (time.tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, tenants::Role::viewer, *time.tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        of_tenant = admitted->id;
    } else if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    std::vector<Imbalance> all;
    add_unsent(tx, of_tenant, time, all);
    add_late(tx, of_tenant, time, all);
    add_broken(tx, of_tenant, all);
    return all;
}

}  // namespace tollgate
