// Whom operators have erased: for handlers, which may get an event of before at any time. A redo, a replay of
// a dead letter, a message that was on the way or a bus that begins anew bring it, and it must not bring the
// person back.
//
//   const auto pseudonyms = consumer::read_pseudonyms(tx, ids, names);   // before anything is written of
//   them
//
// What it costs: a look into an index for each call, and nothing else unless somebody was erased after one of
// these events had come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/uuid.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

// Whom an event names: the customer; else whose payment it is about, or whose e-mail address it has. Texts
// are fit for an index, and empty where there is none.
struct NamingEvent {
    Uuid id;  // tells when it was received
    Uuid tenant;
    std::string provider;
    std::string realm;  // see providers/realm.hpp
    std::string customer;
    std::string payment{};
    std::string email{};
};
// Pure.
NamingEvent naming_event(const Uuid& id, const Uuid& tenant, const events::PaymentEvent& event,
                         const std::string& realm);
// Of ASCII, as which addresses are compared; the rest has no case that all agree on.
std::string in_small_letters(std::string text);

// Of each event whose customer was erased after it had come: the pseudonym. Asks for names only where there
// may be any. An erasure that begins from now on waits until the transaction has ended, and then finds what
// it has written. For the roles of enrichment and delivery. Throws SqlError.
std::vector<std::optional<std::string>> read_pseudonyms(
    postgres::Transaction& tx, std::span<const Uuid> events,
    const std::function<NamingEvent(std::size_t place)>& names);

// Erasures that no stored event was received before, nor any message of the tenant that may be tried again;
// at most so many names of customers. Gives how many went, for enrichment's upkeep. Throws SqlError.
std::int64_t forget_erasures(postgres::Transaction& tx, std::int64_t at_most);

}  // namespace tollgate::consumer
