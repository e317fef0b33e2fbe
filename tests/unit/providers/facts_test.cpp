#include "providers/facts.hpp"

#include <catch2/catch.hpp>

#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;

TEST_CASE("of every provider each fact is told, in five steps how it is set up, and which URL it is given") {
    for (const Provider* const provider : all()) {
        INFO(provider->name);
        const auto facts = facts_of(provider->name);
        REQUIRE(facts.size() == fact_names.size());
        for (std::size_t i = 0; i < facts.size(); ++i) {
            CHECK(facts[i].name == fact_names[i]);
            CHECK(facts[i].value.size() > 1);
        }
        std::string steps;
        for (const Fact& fact : facts) steps += fact.name.size() == 1 ? std::string{fact.value} + "\n" : "";
        CHECK_THAT(steps, Contains("https://HOST/v1/in/TENANT/SOURCE") && Contains("event list"));
    }
    CHECK(facts_of("acme").empty());
    CHECK(fact("acme", "scheme").empty());
    CHECK(fact("stripe", "acme").empty());
}

TEST_CASE("a time that is tolerated is told of who signs one, and of nobody else") {
    for (const std::string_view name :
         {"stripe", "paddle", "slack", "recurly", "resend", "standard_webhooks"})
        CHECK(fact(name, "tolerance") == "300 s");
    for (const Provider* const provider : all_that_sign()) {
        INFO(provider->name);
        if (provider->name == "generic") continue;
        const Secret secret = provider->make_secret();
        const auto good = trust(*provider, "{}", {secret.reveal()});
        const Request request = delivered(*provider, "{}", secret.reveal(), provider->samples.front());
        const bool ages = said(verify(*provider, *good, request, noon + std::chrono::days{30})) != "verified";
        CHECK(fact(provider->name, "tolerance").starts_with("none") != ages);
    }
}
