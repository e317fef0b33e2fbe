#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "tenants/audit.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;
using test::admin;
using test::must;

namespace {

template <typename T>
Error error_of(const Result<T>& result) {
    REQUIRE_FALSE(result.has_value());
    return result.error();
}

}  // namespace

TEST_CASE("a tenant is created, changed, disabled and enabled, and each is on record") {
    test::Tenants db;
    const Tenant made = must(db.run([](Transaction& tx) {
        return create_tenant(
            tx, admin(), {.slug = "acme", .name = "Acme, Inc.", .plan = "pro", .time_zone = "Europe/Berlin"},
            "they signed");
    }));
    CHECK(made.slug == "acme");
    CHECK(made.time_zone == "Europe/Berlin");
    CHECK_FALSE(made.disabled_at);
    const Tenant changed = must(db.run([](Transaction& tx) {
        return set_tenant(tx, admin(), "acme", {.name = "Acme SE", .time_zone = "Asia/Kolkata"});
    }));
    CHECK(changed.name == "Acme SE");
    CHECK(changed.plan == "pro");
    CHECK(must(db.run([&](Transaction& tx) {
              return disable_tenant(tx, admin(), made.id.text());
          })).disabled_at);
    CHECK_FALSE(must(db.run([](Transaction& tx) { return enable_tenant(tx, admin(), "acme"); })).disabled_at);

    const auto log =
        must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {.tenant = "acme"}); }));
    REQUIRE(log.size() == 4);
    CHECK(log[0].verb == "tenant enable");
    CHECK(log[2].arguments == R"({"name": "Acme SE", "time_zone": "Asia/Kolkata"})");
    CHECK(log[3].verb == "tenant create");
    CHECK(log[3].actor == "ann");
    CHECK(log[3].reason == "they signed");
    CHECK(log[3].tenant == made.id);
}

TEST_CASE("what cannot be is refused in words, and nothing is done or recorded") {
    test::Tenants db;
    db.tenant("acme");
    struct Example {
        NewTenant tenant;
        ErrorCode code;
        std::string told;
    };
    for (const auto& [tenant, code, told] : std::vector<Example>{
             {{.slug = "Acme", .name = ""}, ErrorCode::invalid, "is no slug"},
             {{.slug = "", .name = ""}, ErrorCode::invalid, "is no slug"},
             {{.slug = "acme", .name = ""}, ErrorCode::conflict, "never used again"},
             {{.slug = "b", .name = "two\nlines"}, ErrorCode::invalid, "is no name"},
             {{.slug = "b", .name = "", .plan = "Pro!"}, ErrorCode::invalid, "is no plan"},
             {{.slug = "b", .name = "", .time_zone = "Europe/Berln"},
              ErrorCode::invalid,
              "did you mean Europe/Berlin?"},
             {{.slug = "b", .name = "", .time_zone = "CET"}, ErrorCode::invalid, "no time zone"},
             {{.slug = "b", .name = "", .time_zone = "posix/UTC"}, ErrorCode::invalid, "no time zone"},
         }) {
        const auto refused = db.run([&](Transaction& tx) { return create_tenant(tx, admin(), tenant); });
        CHECK(error_of(refused).code == code);
        CHECK_THAT(refused.error().detail, Catch::Contains(told));
    }
    const auto nothing = db.run([](Transaction& tx) { return set_tenant(tx, admin(), "acme", {}); });
    CHECK(error_of(nothing).code == ErrorCode::invalid);
    const auto unknown = db.run([](Transaction& tx) { return show_tenant(tx, admin(), "acne"); });
    CHECK(error_of(unknown).code == ErrorCode::not_found);
    CHECK(unknown.error().detail == "there is no tenant \"acne\": did you mean acme?");
    CHECK(db.verbs() == std::vector<std::string>{"tenant create"});
}

TEST_CASE("a source has its aliases and codes to itself, and its slug for ever") {
    test::Tenants db;
    db.tenant("acme");
    db.tenant("beta");
    const auto made = db.source("acme", {.slug = "shop",
                                         .provider = "stripe",
                                         .settings = R"({"account": "acct_1"})",
                                         .aliases = {"/webhooks/stripe/", "/api/hooks"},
                                         .school_codes = {"SCH-1"}});
    CHECK(made.source.aliases == std::vector<std::string>{"/api/hooks", "/webhooks/stripe"});
    CHECK(made.source.school_codes == std::vector<std::string>{"SCH-1"});
    CHECK(made.source.settings == R"({"account": "acct_1"})");
    const auto create = [&](const NewSource& wanted) {
        return db.run([&](Transaction& tx) {
            return create_source(tx, admin(), {test::catalogue(), test::keyring()}, "beta", wanted);
        });
    };
    CHECK_THAT(error_of(create({.slug = "a", .provider = "stripe", .aliases = {"/webhooks/stripe"}})).detail,
               Catch::Contains("leads to a source already"));
    CHECK_THAT(error_of(create({.slug = "a", .provider = "stripe", .school_codes = {"SCH-1"}})).detail,
               Catch::Contains("leads to a source already"));
    CHECK_THAT(error_of(create({.slug = "a", .provider = "strip"})).detail, Catch::Contains("no provider"));
    CHECK_THAT(error_of(create({.slug = "a", .provider = "stripe", .settings = R"({"bad": 1})"})).detail,
               Catch::Contains("bad is unknown"));
    CHECK_THAT(error_of(create({.slug = "a", .provider = "stripe", .settings = "[]"})).detail,
               Catch::Contains("not a JSON object"));
    CHECK(error_of(create({.slug = "a",
                           .provider = "stripe",
                           .settings = R"({"x": ")" + std::string(70'000, 'x') + "\"}"}))
              .code == ErrorCode::invalid);
    CHECK(create({.slug = "shop", .provider = "stripe"}).has_value());
    CHECK(error_of(create({.slug = "shop", .provider = "generic"})).code == ErrorCode::conflict);

    CHECK(must(db.run([](Transaction& tx) {
              return disable_source(tx, admin(), "beta", "shop");
          })).disabled_at);
    CHECK(error_of(create({.slug = "shop", .provider = "generic"})).code == ErrorCode::conflict);
    CHECK_FALSE(
        must(db.run([](Transaction& tx) { return enable_source(tx, admin(), "beta", "shop"); })).disabled_at);
    const auto unknown = db.run([](Transaction& tx) { return show_source(tx, admin(), "acme", "shp"); });
    CHECK(error_of(unknown).detail == "tenant \"acme\" has no source \"shp\": did you mean shop?");
    CHECK(must(db.run([](Transaction& tx) { return list_sources(tx, admin(), std::nullopt); })).size() == 2);
    CHECK(must(db.run([](Transaction& tx) { return list_sources(tx, admin(), "beta"); })).size() == 1);
}

TEST_CASE("settings that do not go with the secrets of the source are refused") {
    test::Tenants db;
    db.tenant("acme");
    db.source("acme", {.slug = "shop", .secret = NewSecret{.value = Secret{"good-secret"}}});
    std::size_t seen = 0;
    const Catalogue strict{.check = [&](auto, auto, std::span<const OpenSecret> secrets) -> Result<void> {
                               seen = secrets.size();
                               if (secrets.front().value.reveal() == "good-secret")
                                   return fail(ErrorCode::invalid, "they do not go together");
                               return {};
                           },
                           .make_secret = {}};
    const auto set = [&](const crypto::Keyring& keys) {
        return db.run([&](Transaction& tx) {
            return set_source(tx, admin(), {strict, keys}, "acme", "shop", R"({"a": 1})");
        });
    };
    CHECK(error_of(set(test::keyring())).detail == "they do not go together");
    CHECK(seen == 1);
    CHECK(must(db.run([](Transaction& tx) { return show_source(tx, admin(), "acme", "shop"); })).settings ==
          "{}");
    CHECK(must(db.run([](Transaction& tx) {
              return set_source(tx, admin(), {test::catalogue(), test::keyring()}, "acme", "shop",
                                R"({"b": 2})");
          })).settings == R"({"b": 2})");
}
