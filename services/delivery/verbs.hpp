// What operators do about deliveries. Each verb records itself in the audit log, in the same transaction.
#pragma once

#include <string_view>

#include "delivery/reports.hpp"

namespace tollgate::delivery {

// One that is dead or was discarded: as if it had never been tried.
Result<DeliveryDetails> retry_delivery(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id,
                                       std::string_view reason = {});
// One that is not sent, for good. Needs a reason.
Result<DeliveryDetails> discard_delivery(postgres::Transaction& tx, const tenants::Actor& actor,
                                         const Uuid& id, std::string_view reason);

// What a person has found out of one that is unknown.
enum class Finding : std::uint8_t { it_arrived, send_again };
Result<DeliveryDetails> settle_delivery(postgres::Transaction& tx, const tenants::Actor& actor,
                                        const Uuid& id, Finding finding, std::string_view reason = {});

// A destination that is broken, paused or waited for goes again, now: what was wrong was mended elsewhere.
Result<void> resume_destination(postgres::Transaction& tx, const tenants::Actor& actor,
                                std::string_view tenant, std::string_view destination,
                                std::string_view reason = {});

}  // namespace tollgate::delivery
