// The statements of ingress. Each throws SqlError, as a statement does.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "ingress/submission.hpp"
#include "journal/append.hpp"
#include "postgres/connection.hpp"

namespace tollgate::ingress::store {

// Takes the keys and, for each request that won all of its keys, writes its events and appends their entries
// to the journal: one statement, which is one transaction. Gives, for each request, whether it is now
// committed; one that won none of its keys is not, and changes nothing. One that wins only some of them fails
// the statement with `conflict`. No two requests may have a key in common.
std::vector<bool> commit_new(postgres::Connection& connection, std::span<const Events* const> requests);

struct Known {
    Uuid event_id;
    Uuid fingerprint;
};
using KnownKeys = std::map<DedupeKey, Known>;

KnownKeys find(postgres::Connection& connection, std::span<const DedupeKey> keys);

// What is to be done with requests of which a part is known: made by settle.hpp.
struct Plan {
    struct NewKey {
        DedupeKey key;
        Uuid event_id;
        Uuid fingerprint;
        std::optional<Timestamp> expires;
    };
    struct Hold {
        const archive::Event* event;
        Uuid conflicts_with;
    };
    std::vector<NewKey> keys;
    std::vector<archive::Event> events;      // to be written: new ones and held ones
    std::vector<journal::NewEntry> entries;  // those of them that go on the bus, in order
    std::vector<Hold> holds;
};

// In one transaction. False, and nothing is changed, if one of the keys was taken meanwhile.
bool carry_out(postgres::Connection& connection, const Plan& plan);

// Returns once all that was visible before it is as durable as this server commits: a reader may see what is
// not yet on the standbys, when the wait for them was cut short.
void make_durable(postgres::Connection& connection);

}  // namespace tollgate::ingress::store
