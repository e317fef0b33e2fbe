#include "delivery/fact_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "archive/payment_reading.hpp"

namespace tollgate::delivery {

namespace {

enum class By : std::uint8_t {
    payment,  // all that a payment is called
    refund,
    dispute,
    payout,
    subscription,
};

struct Kind {
    v1::Fact fact;
    std::string_view name;
    By by;
    bool may_recur = false;
};

// What is not here is told for each event.
constexpr auto kinds = std::to_array<Kind>({
    {v1::FACT_PAYMENT_SUCCEEDED, "paid", By::payment},
    {v1::FACT_INVOICE_PAID, "paid", By::payment},
    {v1::FACT_CHECKOUT_COMPLETED, "paid", By::payment},
    {v1::FACT_SUBSCRIPTION_RENEWED, "paid", By::payment},
    {v1::FACT_PAYMENT_FAILED, "failed", By::payment, true},
    {v1::FACT_INVOICE_PAYMENT_FAILED, "failed", By::payment, true},
    {v1::FACT_SUBSCRIPTION_RENEWAL_FAILED, "failed", By::payment, true},
    {v1::FACT_PAYMENT_ACTION_REQUIRED, "to be confirmed", By::payment, true},
    {v1::FACT_PAYMENT_AUTHORIZED, "authorised", By::payment, true},
    {v1::FACT_PAYMENT_PENDING, "pending", By::payment, true},
    {v1::FACT_PAYMENT_CANCELED, "cancelled", By::payment},
    {v1::FACT_REFUND_SUCCEEDED, "refunded", By::refund},
    {v1::FACT_REFUND_FAILED, "refund failed", By::refund},
    {v1::FACT_DISPUTE_OPENED, "disputed", By::dispute},
    {v1::FACT_DISPUTE_WON, "dispute won", By::dispute},
    {v1::FACT_DISPUTE_LOST, "dispute lost", By::dispute},
    {v1::FACT_PAYOUT_PAID, "paid out", By::payout},
    {v1::FACT_PAYOUT_FAILED, "payout failed", By::payout},
    {v1::FACT_SUBSCRIPTION_CREATED, "subscribed", By::subscription},
});

class Names {
public:
    explicit Names(std::string_view kind) : kind_{kind} {}

    void add(std::string_view of, const std::string& id) {
        if (id.empty()) return;
        std::string name = fmt::format("{}/{}/{}", kind_, of, archive::indexed(id));
        if (std::ranges::find(all_, name) == all_.end()) all_.push_back(std::move(name));
    }
    std::vector<std::string> take() { return std::move(all_); }

private:
    std::string_view kind_;
    std::vector<std::string> all_;
};

std::string_view word_of(v1::SubjectKind kind) {
    switch (kind) {
        case v1::SUBJECT_KIND_CHARGE:
            return "charge";
        case v1::SUBJECT_KIND_INVOICE:
            return "invoice";
        case v1::SUBJECT_KIND_ORDER:
            return "order";
        case v1::SUBJECT_KIND_CHECKOUT:
            return "checkout";
        default:
            return "payment";
    }
}

const std::string& or_subject(const std::string& id, const v1::PaymentEvent& event, v1::SubjectKind kind) {
    return id.empty() && event.subject().kind() == kind ? event.subject().id() : id;
}

std::vector<std::string> names_of(const Kind& kind, const v1::PaymentEvent& event) {
    const auto& ids = event.references();
    Names names{kind.name};
    switch (kind.by) {
        case By::payment:
            names.add("payment", ids.payment_id());
            names.add("charge", ids.charge_id());
            names.add("invoice", ids.invoice_id());
            names.add("order", ids.order_id());
            names.add("checkout", ids.checkout_id());
            if (event.subject().kind() != v1::SUBJECT_KIND_SUBSCRIPTION)
                names.add(word_of(event.subject().kind()), event.subject().id());
            break;
        case By::refund:
            names.add("refund", or_subject(ids.refund_id(), event, v1::SUBJECT_KIND_REFUND));
            break;
        case By::dispute:
            names.add("dispute", or_subject(ids.dispute_id(), event, v1::SUBJECT_KIND_DISPUTE));
            break;
        case By::payout:
            names.add("payout", or_subject(ids.payout_id(), event, v1::SUBJECT_KIND_PAYOUT));
            break;
        case By::subscription:
            names.add("subscription",
                      or_subject(ids.subscription_id(), event, v1::SUBJECT_KIND_SUBSCRIPTION));
            break;
    }
    return names.take();
}

// Of what a payment and its refund both say: which payment, and how much.
std::optional<Half> half_of(const v1::PaymentEvent& event) {
    const auto& ids = event.references();
    const bool is_of_charge = !ids.charge_id().empty();
    const std::string& payment = is_of_charge ? ids.charge_id() : ids.payment_id();
    if (event.fact() != v1::FACT_REFUND_SUCCEEDED || payment.empty() || !event.has_amount())
        return std::nullopt;
    return Half{
        .name = fmt::format("refunded half/{}/{}/{} {}", is_of_charge ? "charge" : "payment",
                            archive::indexed(payment), event.amount().minor(),
                            archive::without_zeros(event.amount().currency())),
        .teller = event.subject().kind() == v1::SUBJECT_KIND_REFUND ? Teller::refund : Teller::payment};
}

}  // namespace

NamedFact fact_of(const v1::PaymentEvent& event, const Uuid& id) {
    NamedFact fact{.names = {}, .at = archive::provider_time(event).value_or(time_of(id))};
    const auto* const kind = std::ranges::find(kinds, event.fact(), &Kind::fact);
    if (kind != kinds.end()) {
        fact.names = names_of(*kind, event);
        fact.may_recur = kind->may_recur;
        if (kind->may_recur && event.attempt() > 0) fact.attempt = static_cast<std::int32_t>(event.attempt());
    }
    fact.half = half_of(event);
    if (fact.names.empty()) fact.names = {"event/" + id.text()};
    return fact;
}

}  // namespace tollgate::delivery
