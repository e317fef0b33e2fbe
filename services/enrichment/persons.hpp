// What customers are called, for the events that give their id alone: Stripe's subscriptions and trials.
// Known from the events that are about a customer, whichever is the newest.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "enrichment/kept_facts.hpp"
#include "events/payment_event.hpp"

namespace tollgate::enrichment {

struct Person {
    std::string name;
    std::string email;
};

struct ToldPerson {
    CustomerKey customer;
    Person person;
    Timestamp at;
};

// Nothing for an event that is not about a customer: a cardholder may be somebody else.
std::optional<Person> person_of(const events::PaymentEvent& payment);

// Of customers that are kept (see keep_facts). Both throw SqlError.
void keep_persons(postgres::Transaction& tx, std::span<const ToldPerson> told);
// Nothing where it is not known.
std::vector<std::optional<Person>> read_persons(postgres::Transaction& tx,
                                                std::span<const CustomerKey> customers);

// What the event says of them goes before.
void complete(const Person& person, v1::Customer& customer);

}  // namespace tollgate::enrichment
