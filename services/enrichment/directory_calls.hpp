// How a tenant's directory is asked who a payer is, and what its answers mean.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/keyring.hpp"
#include "enrichment/calls.hpp"
#include "enrichment/references.hpp"

namespace tollgate::enrichment {

struct PayerToAsk {
    Payer payer;
    std::string url;  // with {id} in it
    std::optional<Secret> token;
};

// Whether there is any directory that could be asked. Throws SqlError.
bool may_ask_directories(postgres::Transaction& tx);

// Of these payers those that are not known, whose directory can be asked and has not just said no. A token
// that cannot be opened is told in the log, and its directory not asked. Throws SqlError.
std::vector<PayerToAsk> payers_to_ask(postgres::Transaction& tx, std::span<const Payer> payers,
                                      const crypto::Keyring* keyring);

Call ask_directory(const PayerToAsk& wanted, std::chrono::milliseconds timeout);

struct DirectoryAnswer {
    Payer payer;
    std::optional<std::string> reference;  // none: it knows nobody of that id
};
// Nothing where it has not said.
std::optional<DirectoryAnswer> read_directory(const Payer& payer, const Answer& answer);

// What an operator said stays. Throws SqlError.
void keep_references(postgres::Transaction& tx, std::span<const DirectoryAnswer> answers);

}  // namespace tollgate::enrichment
