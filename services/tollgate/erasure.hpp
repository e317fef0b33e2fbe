// How a customer is erased from all services: what their events are known by is remembered, then comes a pass
// over what is open of the tenant, a page at a time, and then the profile. Each step is a transaction of its
// own. Whose an event is its provider's folder says.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "consumer/erase.hpp"
#include "enrichment/whose.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"
#include "tollgate/customers.hpp"

namespace tollgate {

struct ErasureCounts {
    std::int64_t profiles = 0;
    std::int64_t references = 0;  // in the tenant's own system
    std::int64_t messages = 0;    // that were not done
    std::int64_t deliveries = 0;  // events that people are told of
    std::int64_t retrying = 0;    // left: the profile stays until they are done or dead
    std::int64_t unreadable = 0;  // left: they may be anybody's
};

// What is remembered of them, so that nobody handles an event of theirs any more without knowing whose it is.
enum class Remembered { id, payments, emails, by_all };

// Where the pass stands. A step gives a new one and leaves the old as it was: a transaction may be tried
// again.
struct Erasing {
    CustomerName name;
    enrichment::SoughtCustomer who;
    ErasureCounts counts;
    std::set<std::string> realms;  // in which something is theirs
    std::string pseudonym;         // empty: nothing is changed
    bool was_begun = false;        // by somebody who did not come to the end

    Remembered remembered = Remembered::id;
    consumer::OpenPlace message;
    bool are_messages_done = false;
    Uuid told;
    bool is_done = false;  // but for the profile

    bool is_nothing() const;
};

// Needs the provider.
Result<Erasing> seek_customer(postgres::Transaction& tx, const tenants::Actor& actor,
                              const CustomerName& name);
// Of the realm of all that was found. Needs a reason.
Result<Erasing> begin_erasing(postgres::Transaction& tx, const tenants::Actor& actor, const Erasing& found,
                              std::string_view reason);
// The next page: looked at, and once it was begun, erased. Each that changes something is on record. Before
// the first page what is to be remembered is.
Result<Erasing> erase_on(postgres::Transaction& tx, const tenants::Actor& actor, Erasing at,
                         std::string_view reason);

struct ErasedProfile {
    std::int64_t profiles = 0;
    bool is_done = false;  // else there are more steps
};
// A step of what is left when the pass is done.
Result<ErasedProfile> erase_profile_on(postgres::Transaction& tx, const tenants::Actor& actor,
                                       const Erasing& at, std::string_view reason);

}  // namespace tollgate
