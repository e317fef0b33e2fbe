// Amounts as people read them: "$1,188.00", "¥118,800", "KWD 1.250", "+$70".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/payment_event.hpp"

namespace tollgate::delivery {

enum class AmountStyle {
    exact,  // "$99.00"
    brief,  // "$99": decimals only where they say something
};

// Empty if the currency is not told. One that ISO 4217 does not list is written with its own word and said to
// be in smallest units, because nobody knows its decimals.
std::string amount_text(const v1::Money& money, AmountStyle style = AmountStyle::exact);

// The same with a sign in front: "+$70", "−$99"; "±$0" if nothing changes.
std::string delta_text(const v1::Money& money);

std::string grouped_digits(std::uint64_t whole);  // "118,800"

// Sums by currency, in the order in which the currencies came first; never one in another.
class Sums {
public:
    void add(const v1::Money& money);
    bool empty() const { return sums_.empty(); }
    const std::vector<v1::Money>& all() const { return sums_; }

    // "$1,188.00 and €20.00"; beyond four currencies "and 3 more currencies".
    std::string text(AmountStyle style = AmountStyle::exact) const;
    std::string delta_text() const;

private:
    std::vector<v1::Money> sums_;
};

}  // namespace tollgate::delivery
