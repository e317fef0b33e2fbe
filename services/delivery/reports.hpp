// Deliveries as operators see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "delivery/message.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::delivery {

struct DeliveryRow {
    Uuid id;
    Uuid tenant;
    std::string tenant_slug;
    std::string destination;  // its slug
    std::string kind;         // "message", "quiet", "digest", "storm", "update"
    std::string layout;
    std::int32_t priority = 0;
    std::string why;  // the rule
    std::string state;
    std::optional<Timestamp> due_at;
    std::optional<Timestamp> settled_at;
    std::optional<std::string> settled_by;
    std::optional<std::string> reason;
    std::int32_t attempts = 0;
    std::int64_t events = 0;
    std::optional<std::string> headline;  // as it was sent
    Timestamp created_at;
};

struct DeliveryFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::optional<std::string> state{};
    std::optional<std::string> destination{};  // its slug
    std::optional<Uuid> event{};
    std::int64_t limit = 100;
};
// The newest first.
Result<std::vector<DeliveryRow>> list_deliveries(postgres::Transaction& tx, const tenants::Actor& actor,
                                                 const DeliveryFilter& filter);

struct AttemptRow {
    std::int32_t number = 0;
    Timestamp started_at;
    std::optional<Timestamp> ended_at;
    std::optional<std::string> outcome;
    std::optional<std::string> reason;
    std::optional<std::string> code;
};
struct ToldRow {
    Uuid event;
    Timestamp at;
    bool is_late = false;
};
struct DeliveryDetails {
    DeliveryRow delivery;
    std::vector<ToldRow> events;
    std::vector<AttemptRow> attempts;
};
Result<DeliveryDetails> show_delivery(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id);

// What an event would look like, told by itself: in the words of a destination of its tenant, or in neutral
// ones. The look is in the audit log.
Result<Message> preview_event(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                              const std::optional<std::string>& destination);

}  // namespace tollgate::delivery
