// A customer erased as the operators' command does it, without what it does about messages.
#pragma once

#include <string>

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

}  // namespace tollgate::test
