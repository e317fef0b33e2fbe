// Messages that a consumer has not done, as rows: for the commands about them.
#pragma once

#include <optional>
#include <string>

#include "core/uuid.hpp"
#include "shell.hpp"

namespace tollgate::test {

struct LetterRow {
    Uuid tenant{};
    std::string consumer = "billing";
    std::string reason = "cannot do it";
    std::string state = "dead";
    std::string type = "stripe.invoice.paid";
    std::string body = "the body";
    int attempts = 3;
    std::optional<Uuid> id{};  // of an event that is stored; none: of a new one that is not
};

// A tenant of that slug; gives its id.
Uuid make_tenant(const Shell& shell, const std::string& slug);
// A consumer that is registered.
void make_consumer(const Shell& shell, const std::string& name = "billing");
// Gives the message's id.
Uuid make_letter(const Shell& shell, const LetterRow& row);
// An event that the relay could not put on the bus: a new one that is not stored, or this one.
Uuid make_refused(const Shell& shell, const Uuid& tenant, std::optional<Uuid> event = std::nullopt);

// One that is stored, of source "shop" and provider "stripe"; and the consumer is done with it, if one is
// named.
Uuid make_event(const Shell& shell, const Uuid& tenant, const std::string& type, const std::string& body,
                const std::string& done_by = "");

// Of a table, or of "table where ...", as the owner who sees all.
std::int64_t count(const Shell& shell, const std::string& of);

}  // namespace tollgate::test
