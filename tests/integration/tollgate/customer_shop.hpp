// A tenant's customers as enrichment and billing know them, and what is not done of theirs.
#pragma once

#include <string>
#include <vector>

#include "events/payment_event.hpp"
#include "letters.hpp"
#include "shell.hpp"

namespace tollgate::test {

inline const std::string of_ada = "cus_\"ada";  // an id may be anything

class CustomerShop {
public:
    // Ada has paid pi_1 with 99 dollars, cus_bob pi_2 with 5.
    CustomerShop();

    Shell& shell() { return shell_; }
    const Uuid& tenant() const { return tenant_; }
    // "customer show ...": an id with a quote in it is one word.
    Ran customer(const std::string& verb, const std::vector<std::string>& more = {},
                 const std::string& id = of_ada) const;
    // Of stripe, if nothing else is said; with a reason.
    Ran erase(const std::vector<std::string>& more = {}, const std::string& id = of_ada) const;

    // A stored event that enrichment has not done. Gives its id.
    Uuid not_done(const std::string& state, const std::string& type, const std::string& object) const;
    // The same of billing's: a payment event.
    Uuid not_booked(const events::PaymentEvent& event) const;
    // An event that people are told of, in a message that was sent.
    Uuid told(const events::PaymentEvent& event) const;

    // "discarded", "dead", ...
    std::string state_of(const Uuid& message) const;
    std::int64_t count(const std::string& of) const { return test::count(shell_, of); }
    void change(const std::string& sql) const;

private:
    void pay(const std::string& customer, const std::string& payment, std::int64_t minor);

    Shell shell_;
    const Uuid tenant_;
};

// A charge as Stripe has it: of "customer": ...
std::string charge_of(const std::string& fields);
events::PaymentEvent payment_of(const std::string& customer, const std::string& provider = "stripe");

}  // namespace tollgate::test
