#include "providers/realm.hpp"

#include <catch2/catch.hpp>

#include "providers/catalogue.hpp"

using namespace tollgate;
using providers::realm_of;

namespace {

std::string realm(std::string_view provider, std::string_view account, std::string_view source) {
    v1::PaymentEvent event;
    event.set_provider(std::string{provider});
    event.set_account(std::string{account});
    event.set_source(std::string{source});
    return realm_of(event);
}

}  // namespace

TEST_CASE("an id is one object everywhere, in its account or in its source, as the provider says") {
    // Two sources of one account, and a connected account's events beside the platform's.
    CHECK(realm("stripe", "", "eu") == realm("stripe", "acct_1", "us"));
    // TXN-1 of one school is not TXN-1 of another; the school's code is not covered by the signature.
    CHECK(realm("school", "SCH-001", "north") != realm("school", "SCH-001", "south"));
    CHECK(realm("school", "SCH-001", "north") == realm("school", "SCH-002", "north"));
    // Invoice "1" of one site is not that of another.
    CHECK(realm("chargebee", "", "site-a") != realm("chargebee", "", "site-b"));
    CHECK(realm("adyen", "ShopNL", "a") == realm("adyen", "ShopNL", "b"));
    CHECK(realm("adyen", "ShopNL", "a") != realm("adyen", "ShopDE", "a"));
    // An account cannot pass for a source.
    CHECK(realm("adyen", "", "a") == "source/a");
    CHECK(realm("adyen", "a", "") == "account/a");
    // What nobody knows, or nobody has looked at, is kept apart.
    CHECK(realm("nobody", "x", "a") == "source/a");
    CHECK(realm("generic", "x", "a") == "source/a");
}
