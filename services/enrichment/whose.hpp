// Whose an event is, as normalising says: for who erases a customer. All throw SqlError.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "consumer/erase.hpp"
#include "core/uuid.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

struct SoughtCustomer {
    Uuid tenant;
    std::string provider;
    std::string customer;                // the provider's id
    std::optional<std::string> realm{};  // whose number that is; none: whoever's
    // In each realm, in small letters: those by which nobody else of that provider is known in it.
    std::set<std::pair<std::string, std::string>> emails{};
    // Under which facts of theirs are kept since an erasure has begun: of each realm one.
    std::set<std::string> pseudonyms{};
};

// By what is kept of them. Before their profile is erased.
std::set<std::pair<std::string, std::string>> own_emails(postgres::Transaction& tx,
                                                         const SoughtCustomer& sought);

// Of a message that cannot be read nobody knows whose it is.
struct UnreadMessage {
    std::string provider;  // empty: not known either
};
using ReadMessage = std::expected<events::PaymentEvent, UnreadMessage>;

// What enrichment has made of each, else what it would.
std::vector<ReadMessage> read_messages(postgres::Transaction& tx, const Uuid& tenant,
                                       std::span<const consumer::OpenMessage> messages);

// An event is of the customer that it names. One that names none is of whose payment it is about, and one of
// no known payment of whose e-mail address it has.
std::vector<bool> which_are_theirs(postgres::Transaction& tx, const SoughtCustomer& sought,
                                   std::span<const events::PaymentEvent* const> events);

// As it stands in keys; see providers/realm.hpp.
std::string realm_of_event(const events::PaymentEvent& event);

}  // namespace tollgate::enrichment
