#include "delivery/verbs.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "tenants/audit.hpp"
#include "tenants/destinations.hpp"
#include "tenants/reason.hpp"

namespace tollgate::delivery {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::string_view as_new =
    "state = 'waiting', due_at = clock_timestamp(), settled_at = null, settled_by = null, first_tried_at = "
    "null, "
    "stood_still_before = null, as_text = false";

struct Change {
    std::string_view verb;
    std::vector<std::string_view> from;  // the states that it is for
    std::string_view otherwise;          // what to do about others
    std::string set;
    boost::json::object more{};
};

Result<DeliveryDetails> change(Transaction& tx, const Actor& actor, const Uuid& id, const Change& what,
                               std::string_view reason) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    // The sender has it for a moment only.
    tx.execute("select 1 from delivery.delivery where delivery = $1 for update", id);
    const auto known = show_delivery(tx, actor, id);
    if (!known) return known;
    const std::string& state = known->delivery.state;
    if (std::ranges::find(what.from, state) == what.from.end()) {
        return fail(ErrorCode::conflict, "delivery {} is {}, and `{}` is for those that are {}: {}", id,
                    state, what.verb, fmt::join(what.from, " or "), what.otherwise);
    }
    tx.execute(fmt::format("update delivery.delivery set {} where tenant = $1 and delivery = $2 and $3::text "
                           "is not null and $4::text is not null",
                           what.set),
               known->delivery.tenant, id, actor.name, reason);
    boost::json::object arguments = what.more;
    arguments["delivery"] = id.text();
    arguments["was"] = state;
    tenants::record(tx, actor,
                    {.verb = what.verb,
                     .tenant = known->delivery.tenant,
                     .arguments = std::move(arguments),
                     .reason = reason});
    return show_delivery(tx, actor, id);
}

}  // namespace

Result<DeliveryDetails> retry_delivery(Transaction& tx, const Actor& actor, const Uuid& id,
                                       std::string_view reason) {
    return change(tx, actor, id,
                  {.verb = "delivery retry",
                   .from = {"dead", "discarded"},
                   .otherwise = "of one that is unknown say what you found, with `tollgate delivery settle`",
                   .set = std::string{as_new}},
                  reason);
}

Result<DeliveryDetails> discard_delivery(Transaction& tx, const Actor& actor, const Uuid& id,
                                         std::string_view reason) {
    if (const auto given = tenants::require_reason(reason); !given) return std::unexpected{given.error()};
    return change(
        tx, actor, id,
        {.verb = "delivery discard",
         .from = {"waiting", "dead", "unknown"},
         .otherwise = "one that is being sent is in another state in a moment",
         .set = "state = 'discarded', due_at = null, settled_at = clock_timestamp(), settled_by = $3, "
                "reason = $4"},
        reason);
}

Result<DeliveryDetails> settle_delivery(Transaction& tx, const Actor& actor, const Uuid& id, Finding finding,
                                        std::string_view reason) {
    const bool arrived = finding == Finding::it_arrived;
    return change(tx, actor, id,
                  {.verb = "delivery settle",
                   .from = {"unknown"},
                   .otherwise = "`tollgate delivery show` tells how it stands",
                   .set = arrived ? "state = 'delivered', settled_by = $3, settled_at = clock_timestamp(), "
                                    "reason = null"
                                  : std::string{as_new},
                   .more = {{"finding", arrived ? "it arrived" : "send again"}}},
                  reason);
}

Result<void> resume_destination(Transaction& tx, const Actor& actor, std::string_view tenant,
                                std::string_view destination, std::string_view reason) {
    const auto of_tenant = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto found = tenants::show_destination(tx, actor, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    tx.execute("select delivery.mend($1, $2)", of_tenant->id, found->id);
    tenants::record(tx, actor,
                    {.verb = "delivery resume",
                     .tenant = of_tenant->id,
                     .arguments = {{"destination", found->slug}},
                     .reason = reason});
    return {};
}

}  // namespace tollgate::delivery
