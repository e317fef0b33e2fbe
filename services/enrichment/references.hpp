// Who payers are in the tenants' own systems, as it is stored.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/handler.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

inline constexpr std::string_view unmapped = "unmapped";

// A payer at a provider.
struct Payer {
    Uuid tenant;
    std::string provider;
    std::string customer;  // the provider's id, fit for an index; empty: nobody
    std::string realm{};   // whose number that is, where it is not unique everywhere; likewise
    Uuid event{};          // that names them
};

struct Resolution {
    bool is_wanted = false;  // the tenant has a directory for the provider
    std::optional<std::string> reference{};
    bool has_url = false;    // the directory can be asked
    bool was_asked = false;  // and has said that it knows nobody of that id
};

// Of each payer. Who is wanted and not known is noted, for operators to see. Throws SqlError.
std::vector<Resolution> resolve(postgres::Transaction& tx, std::span<const Payer> payers);

// Of an event whose payer is wanted and not known. Where the directory can be asked it is, now and then.
consumer::Hold hold_unmapped(const Payer& payer, const Resolution& resolution);

}  // namespace tollgate::enrichment
