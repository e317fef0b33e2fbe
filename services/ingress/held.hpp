// Events that are held because they came under another's id: what an operator does with them. Each verb is
// one function, in the caller's transaction, and what changes something records it in the audit log of the
// same transaction.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::ingress {

struct HeldEvent {
    Uuid event_id;
    Uuid tenant;
    std::string tenant_slug;
    std::string source;
    std::string provider;
    std::string type;
    std::optional<std::string> provider_event_id;
    Uuid conflicts_with;  // the event that came first
    std::string reason;
    Timestamp held_at;
    std::string state;  // held, released, discarded
    std::optional<Timestamp> settled_at;
    std::optional<std::string> settled_by;
};

struct HeldFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::optional<std::string> source{};  // its slug
    std::optional<Timestamp> held_before{};
    bool settled_too = false;
    std::int64_t limit = 100;
};

struct HeldList {
    std::vector<HeldEvent> events;  // the oldest first
    std::int64_t more = 0;          // beyond the limit
};

Result<HeldList> list_held(postgres::Transaction& tx, const tenants::Actor& actor, const HeldFilter& filter);
Result<HeldEvent> show_held(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event);

// Whether one of these is or was held, and is not his to see. He is not told.
Result<bool> held_of_others(postgres::Transaction& tx, const tenants::Actor& actor,
                            std::span<const Uuid> events);

// What came with an event. None if its day was dropped.
struct Content {
    std::string headers;
    std::string body;
};
struct HeldContents {
    std::optional<Content> held;
    std::optional<Content> first;  // of the event that it conflicts with
};
// Recorded in the audit log: these are the tenant's customers' data.
Result<HeldContents> read_held(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event);

// It goes on the bus with this transaction, and is an event like any other from then on. Call the journal's
// announcer, or leave it to the keeper's next look.
Result<HeldEvent> release_held(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                               std::string_view reason);
// It never goes on the bus. Its bytes go with its day.
Result<HeldEvent> discard_held(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                               std::string_view reason);
// The same of the oldest `filter.limit` that are held; how many these were.
Result<std::int64_t> release_all_held(postgres::Transaction& tx, const tenants::Actor& actor,
                                      const HeldFilter& filter, std::string_view reason);
Result<std::int64_t> discard_all_held(postgres::Transaction& tx, const tenants::Actor& actor,
                                      const HeldFilter& filter, std::string_view reason);

}  // namespace tollgate::ingress
