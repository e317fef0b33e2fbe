// Brings a database to what this program needs, and checks at every start that it is there.
//
// Releases count 1, 2, 3 ... A migration works with the programs of its own release and of the one before,
// so that both can run while a deployment rolls. A program therefore accepts a database of its own release
// or of the next, and no other.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "postgres/connection.hpp"
#include "postgres/schema.hpp"

namespace tollgate::postgres {

using Schemas = std::span<const Schema* const>;

// The same schemas with each after those it needs. A need that is not among them, or a circle, is a bug and
// throws std::logic_error.
std::vector<const Schema*> in_order_of_need(Schemas schemas);

// Told what is being done: "applying journal 001_entries", "waiting for another migrator".
using MigrationObserver = std::function<void(const std::string& step)>;

// Runs what is missing, each migration in a transaction of its own, one migrator at a time. Gives the number
// of migrations run. A file that was changed after it ran is an error, and nothing is run.
Result<std::size_t> migrate(Connection& connection, Schemas schemas, const MigrationObserver& observer);

// What is wrong for a program that uses these schemas, in one sentence that says what to do.
Result<void> check_migrated(Connection& connection, Schemas schemas);

// "billing", and all others that `grant_roles` knows.
std::vector<std::string> services_with_role();

// Makes the login a member of these services' roles ("billing"), and of no other service's; of all if none is
// named.
Result<void> grant_roles(Connection& connection, const std::string& login,
                         const std::vector<std::string>& services = {});

}  // namespace tollgate::postgres
