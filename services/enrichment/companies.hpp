// What is stored of companies, by their domain.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "enrichment/brandfetch.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

// Those that are found and not too old. Throws SqlError, as all of these.
std::unordered_map<std::string, v1::Company> read_companies(postgres::Transaction& tx,
                                                            const std::vector<std::string>& domains);
// Of these, those that nothing is known of now: not even that there is nothing.
std::vector<std::string> unknown_domains(postgres::Transaction& tx, const std::vector<std::string>& domains);

struct DomainAnswer {
    std::string domain;
    LookedUp looked_up;
};
// Over whatever was known before; what says nothing of its domain is passed over.
void keep_companies(postgres::Transaction& tx, std::span<const DomainAnswer> answers);
// What is too old, so many at most. Gives how many.
std::int64_t purge_companies(postgres::Transaction& tx, std::int64_t limit);

}  // namespace tollgate::enrichment
