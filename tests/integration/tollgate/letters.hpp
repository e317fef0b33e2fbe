// Messages that a consumer has not done, as rows: for the commands about them.
#pragma once

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
};

// A tenant of that slug; gives its id.
Uuid make_tenant(const Shell& shell, const std::string& slug);
// A consumer that is registered.
void make_consumer(const Shell& shell, const std::string& name = "billing");
// Gives the message's id.
Uuid make_letter(const Shell& shell, const LetterRow& row);
// An event that the relay could not put on the bus.
Uuid make_refused(const Shell& shell, const Uuid& tenant);

// Of a table, or of "table where ...", as the owner who sees all.
std::int64_t count(const Shell& shell, const std::string& of);

}  // namespace tollgate::test
