// A day that can be dropped: eight days ago, with a horizon of seven.
#pragma once

#include <string>

#include "ingress/retention.hpp"
#include "letters.hpp"

namespace tollgate::test {

// With a tenant, and a consumer to which all that is stored is due.
struct OldDay {
    OldDay();

    void as_owner(const std::string& sql) const;

    // An event of it that is stored.
    Uuid event() const;
    // And that the consumer is done with.
    Uuid done() const;
    // And that it has given up.
    Uuid dead() const;

    ingress::Swept sweep() const;
    // One try, as a sweep makes it: dropped, partly, busy or none.
    std::string drops() const;

    Shell shell;
    Uuid acme = make_tenant(shell, "acme");
};

}  // namespace tollgate::test
