// What becomes of requests of which something is known already.
#pragma once

#include <span>
#include <vector>

#include "ingress/store.hpp"
#include "ingress/submission.hpp"

namespace tollgate::ingress {

// All that must be looked up to decide them.
std::vector<DedupeKey> keys_to_look_up(std::span<const Events* const> requests);

struct Settlement {
    store::Plan plan;               // nothing to do if it has no keys
    std::vector<Receipt> receipts;  // for each request; they hold once the plan is carried out
};

// - A key that is known with the same fingerprint makes a duplicate, and keys still free are pointed at that
// event.
// - A key that is known with another fingerprint makes a conflict, which is held; its repeat is its
// duplicate.
// - An event known by its own id is one that was committed while the answer to its commit was lost.
// - One request after the other: what is in the first is known to the next.
//
// The plan refers to the requests.
Settlement settle(std::span<const Events* const> requests, store::KnownKeys known);

}  // namespace tollgate::ingress
