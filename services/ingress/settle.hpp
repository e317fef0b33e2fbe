// What becomes of a request of which something is known already.
#pragma once

#include <vector>

#include "ingress/store.hpp"
#include "ingress/submission.hpp"

namespace tollgate::ingress {

// All that must be looked up to decide it.
std::vector<DedupeKey> keys_to_look_up(const Events& events);

struct Settlement {
    store::Plan plan;  // nothing to do if it has no keys
    Receipt receipt;   // holds once the plan is carried out
};

// - A key that is known with the same fingerprint makes a duplicate, and keys still free are pointed at that
// event.
// - A key that is known with another fingerprint makes a conflict, which is held; its repeat is its
// duplicate.
// - An event known by its own id is one that was committed while the answer to its commit was lost.
Settlement settle(const Events& events, store::KnownKeys known);

}  // namespace tollgate::ingress
