// A customer as operators see it, and what is kept of it when it is erased.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

struct CustomerValue {
    std::string currency;
    std::int64_t paid = 0;
    std::int64_t refunded = 0;
    std::optional<std::int32_t> percentile;  // among the tenant's, 1 to 100
};

// Of one provider; what was a test is apart.
struct CustomerProfile {
    std::string provider;
    std::string realm;  // whose numbers the provider's ids are, where they are not unique everywhere
    std::string customer;
    bool is_test = false;
    std::optional<std::string> name;
    std::optional<std::string> email;
    std::optional<std::string> reference;  // in the tenant's own system
    Timestamp first_at;
    Timestamp last_at;
    bool is_whole = true;  // else reckoned of the newest events alone
    std::uint32_t orders = 0;
    std::uint32_t payments = 0;
    std::uint32_t failures = 0;
    std::uint32_t failures_in_row = 0;
    std::uint32_t disputes = 0;
    std::optional<Timestamp> last_payment{};
    std::vector<CustomerValue> values{};
};

// Parts of verbs: the caller admits the operator to the tenant, and records what was done. They throw
// SqlError.
std::vector<CustomerProfile> read_profiles(postgres::Transaction& tx, const Uuid& tenant,
                                           const std::optional<std::string>& provider,
                                           std::string_view customer);
std::int64_t count_references(postgres::Transaction& tx, const Uuid& tenant, std::string_view provider,
                              std::string_view customer, const std::optional<std::string>& within);
// Those in which something is kept of a customer of this id.
std::vector<std::string> realms_of_customer(postgres::Transaction& tx, const Uuid& tenant,
                                            std::string_view provider, std::string_view customer);

// A customer of one realm, for who erases it in steps.
struct ErasedCustomer {
    Uuid tenant;
    std::string provider;
    std::string realm;
    std::string customer;
};
std::int64_t count_profiles(postgres::Transaction& tx, const ErasedCustomer& who);
// Under which somebody has begun with it, who did not come to the end.
std::optional<std::string> begun_pseudonym(postgres::Transaction& tx, const ErasedCustomer& who);
// Gives the pseudonym, which is the same for all steps, whoever does them.
std::string begin_erasure(postgres::Transaction& tx, const ErasedCustomer& who);
// At most so many facts get it. Gives how many did.
std::int64_t erase_facts(postgres::Transaction& tx, const ErasedCustomer& who, std::int32_t most);
// By which nobody else is known, in small letters. Facts, and these, before anybody looks for what is theirs.
std::vector<std::string> remember_emails(postgres::Transaction& tx, const ErasedCustomer& who);
// Then this: waits for who has begun to handle events without knowing them by that. In a transaction of its
// own, for nobody begins meanwhile.
void wait_for_handlers(postgres::Transaction& tx, const ErasedCustomer& who);
// The last step. Gives how many profiles got the pseudonym: who is known by it stays a customer with the same
// sums.
std::int64_t end_erasure(postgres::Transaction& tx, const ErasedCustomer& who);

}  // namespace tollgate::enrichment
