// Rules as operators see and change them. What changes something records it in the audit log of the same
// transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/rule.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::delivery {

struct ListedRule {
    Rule rule;
    std::string tenant_slug;
    std::string destination_slug;
};

struct RuleScope {
    std::optional<std::string> tenant{};       // uuid or slug; none: all that the actor may see
    std::optional<std::string> destination{};  // likewise, of that tenant
};
// By tenant and destination, in the order in which they are asked.
Result<std::vector<ListedRule>> list_rules(postgres::Transaction& tx, const tenants::Actor& actor,
                                           const RuleScope& scope);

struct NewRule {
    std::string destination;              // its uuid or slug
    std::optional<std::int32_t> place{};  // none: after all others
    Rule rule;                            // what it says; whose it is is filled in
};
Result<ListedRule> add_rule(postgres::Transaction& tx, const tenants::Actor& actor, std::string_view tenant,
                            const NewRule& wanted, std::string_view reason = {});

// By its uuid, or by its name where a tenant has one rule of that name.
Result<ListedRule> remove_rule(postgres::Transaction& tx, const tenants::Actor& actor,
                               std::string_view tenant, std::string_view rule, std::string_view reason = {});

struct TriedRule {
    ListedRule rule;
    std::optional<std::string> why_not;
    bool decides = false;  // the first of its destination that fits
};
struct RuleTrial {
    std::string headline;  // of the event
    std::vector<TriedRule> rules;
};
// What the rules of its tenant make of an event that is stored.
Result<RuleTrial> try_rules(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event);

}  // namespace tollgate::delivery
