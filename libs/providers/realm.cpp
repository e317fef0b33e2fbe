#include "providers/realm.hpp"

#include <fmt/format.h>

#include "providers/catalogue.hpp"

namespace tollgate::providers {

std::string realm_of(UniqueIds unique, std::string_view account, std::string_view source) {
    if (unique == UniqueIds::everywhere) return {};
    if (unique == UniqueIds::in_account && !account.empty()) return fmt::format("account/{}", account);
    return source.empty() ? std::string{} : fmt::format("source/{}", source);
}

std::string realm_of(const v1::PaymentEvent& event) {
    const Provider* const provider = find(event.provider());
    return realm_of(provider == nullptr ? UniqueIds::in_source : provider->unique_ids, event.account(),
                    event.source());
}

}  // namespace tollgate::providers
