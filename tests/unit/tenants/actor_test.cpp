#include "tenants/actor.hpp"

#include <catch2/catch.hpp>

using namespace tollgate::tenants;

TEST_CASE("a role is named with the article that it takes") {
    CHECK(name_with_article(Role::viewer) == "a viewer");
    CHECK(name_with_article(Role::operator_) == "an operator");
    CHECK(name_with_article(Role::admin) == "an admin");
}
