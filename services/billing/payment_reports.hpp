// Payments as operators see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::billing {

// Amounts are in the currency's smallest unit.
struct PaymentRow {
    Uuid id;
    Uuid tenant;
    std::optional<std::string> tenant_slug;
    std::string provider;
    bool is_test = false;
    bool is_payout = false;
    std::string status;
    std::optional<std::int64_t> amount;
    std::optional<std::string> currency;
    std::int64_t captured = 0;
    std::int64_t fee = 0;
    std::int64_t refunded = 0;
    std::int64_t disputed = 0;
    std::int64_t lost = 0;
    std::optional<Timestamp> paid_at;
    std::optional<Timestamp> refunded_at;
    std::optional<std::string> customer;
    std::optional<std::string> subscription;
    std::optional<std::string> failure_code;
    std::optional<std::string> failure_reason;
    std::optional<std::string> receipt_url;
    std::optional<std::string> oddity;
    std::optional<Uuid> taken_for;  // the payment whose money this invoice is taken to have brought
};

struct PaymentFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::optional<std::string> status{};
    std::optional<std::string> customer{};
    std::optional<std::string> provider{};
    bool is_test = false;
    std::int64_t limit = 100;
};
// The newest first.
Result<std::vector<PaymentRow>> list_payments(postgres::Transaction& tx, const tenants::Actor& actor,
                                              const PaymentFilter& filter);

struct LedgerLine {
    Timestamp booked_at;
    std::string booking;
    std::string debit;
    std::string credit;
    std::int64_t minor = 0;
    std::string currency;
    Uuid event;
};

struct PaymentTeller {
    Uuid event;
    Timestamp at;
    std::string kind;
};

struct PaymentDetails {
    PaymentRow payment;
    std::vector<std::string> names;
    std::vector<PaymentTeller> tellers;  // by the provider's time
    std::vector<LedgerLine> lines;       // as they were booked
};
// By its id, or by any of its names: "pi_1" or "payment/pi_1". `conflict` if that is several payments' name.
Result<PaymentDetails> show_payment(postgres::Transaction& tx, const tenants::Actor& actor,
                                    const std::string& wanted);

}  // namespace tollgate::billing
