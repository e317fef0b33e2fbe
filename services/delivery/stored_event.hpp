// A stored payment event, for operators.
#pragma once

#include "core/result.hpp"
#include "core/uuid.hpp"
#include "delivery/dates.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::delivery {

struct StoredPaymentEvent {
    Uuid tenant;
    events::PaymentEvent event;
    LocalClock clock;  // of its tenant, now
};

// Each look is in the audit log.
Result<StoredPaymentEvent> look_at_event(postgres::Transaction& tx, const tenants::Actor& actor,
                                         const Uuid& id, std::string_view verb);

}  // namespace tollgate::delivery
