// A customer erased as the operators' command does it, without what it does about messages.
#pragma once

#include <string>
#include <vector>

#include "enrichment/customers.hpp"
#include "world.hpp"

namespace tollgate::test {

// At shop_tenant's Stripe, if nothing else is said.
enrichment::ErasedCustomer customer(const std::string& id);

class Erasing {
public:
    // Begins with it.
    Erasing(EnrichmentWorld& world, enrichment::ErasedCustomer who);

    const std::string& pseudonym() const { return pseudonym_; }
    // A step: gives how many facts it took.
    std::int64_t take_facts(std::int32_t most);
    void take_emails();
    // What is received from then on is of who came back.
    void end();

private:
    EnrichmentWorld& world_;
    postgres::Connection operator_;
    const enrichment::ErasedCustomer who_;
    std::string pseudonym_;
};

// From beginning to end. Gives the pseudonym.
std::string erase(EnrichmentWorld& world, const enrichment::ErasedCustomer& who);

// Of Stripe: what it is, and the object without its brackets.
archive::Event stripe_event(const std::string& type, const std::string& object);
archive::Event signed_up(const std::string& id = "cus_1");
// `more` is what it says of who pays.
archive::Event charge(
    const std::string& payment,
    const std::string& more = R"("customer": "cus_1", "receipt_email": "ada@acme.example")");
// In the payment event.
bool names_ada(EnrichmentWorld& world, const archive::Event& event);
// Each once more, and waits for that.
void done_over(EnrichmentWorld& world, const std::vector<archive::Event>& events);

}  // namespace tollgate::test
