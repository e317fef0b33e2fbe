#include <thread>

#include <catch2/catch.hpp>

#include "registry_fixture.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;
using test::admin;
using test::must;
using test::Running;
using test::wait_until;
using Shop = test::RegisteredShop;

namespace {

std::optional<Timestamp> last_use(test::Tenants& db) {
    return must(db.run([](Transaction& tx) { return list_secrets(tx, admin(), {}); })).front().last_used_at;
}

}  // namespace

TEST_CASE("sources are found by tenant's slug and id, by path and by code") {
    Shop db;
    Running registry{db.settings("ingress")};
    REQUIRE(registry.read());
    const auto shop = registry.find("acme", "shop");
    REQUIRE(shop != nullptr);
    CHECK(shop->tenant == db.id);
    CHECK(shop->id == db.created.source.id);
    CHECK(shop->provider == "stripe");
    CHECK(shop->settings == "{}");
    CHECK(shop->enabled);
    REQUIRE(shop->secrets.size() == 1);
    CHECK(shop->secrets.front().value.reveal() == "s3cr3t");
    CHECK(shop->prepared != nullptr);
    const auto directory = registry->directory();
    std::string upper = db.id.text();
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    CHECK(directory->find(db.id.text(), "shop") == shop);
    CHECK(directory->find(upper, "shop") == shop);
    CHECK(directory->find_alias("/webhooks/stripe") == shop);
    CHECK(directory->find_alias("/webhooks/stripe/") == shop);
    CHECK(directory->find_alias("/webhooks/stripe//") == nullptr);
    CHECK(directory->find_alias("/webhooks") == nullptr);
    CHECK(directory->find_school("SCH-1") == shop);
    CHECK(directory->find_school("sch-1") == nullptr);
    for (const std::string odd : {"", "ACME", "acme/shop", "beta"})
        CHECK(directory->find(odd, "shop") == nullptr);
    CHECK(directory->find("acme", "") == nullptr);
}

TEST_CASE("a change is seen within a second, and the other sources stay the objects that they were") {
    Shop db;
    db.source("acme", {.slug = "other", .secret = NewSecret{}});
    Running registry{db.settings("ingress"), {.look_every = std::chrono::minutes{1}}};
    REQUIRE(registry.read());
    const auto other = registry.find("acme", "other");
    REQUIRE(other != nullptr);
    const int prepared = registry.prepared();
    const auto seen = [&](const std::function<bool(const Directory&)>& condition) {
        return registry.becomes(condition, std::chrono::seconds{1});
    };
    db.secret("acme", "shop", {});
    CHECK(seen([](const Directory& d) { return d.find("acme", "shop")->secrets.size() == 2; }));
    must(db.run([&](Transaction& tx) {
        return retire_secret(tx, admin(), "acme", "shop", db.created.secret->id, {});
    }));
    CHECK(seen([](const Directory& d) { return d.find("acme", "shop")->secrets.size() == 1; }));
    must(db.run([](Transaction& tx) { return disable_source(tx, admin(), "acme", "shop"); }));
    CHECK(seen([](const Directory& d) { return !d.find("acme", "shop")->enabled; }));
    must(db.run([](Transaction& tx) {
        return set_source(tx, admin(), {test::catalogue(), test::keyring()}, "acme", "shop", R"({"a": 1})");
    }));
    CHECK(seen([](const Directory& d) { return d.find("acme", "shop")->settings == R"({"a": 1})"; }));
    db.source("acme", {.slug = "third", .aliases = {"/third"}});
    CHECK(seen([](const Directory& d) { return d.find_alias("/third") != nullptr; }));
    CHECK(registry.find("acme", "other") == other);
    CHECK(registry.prepared() == prepared + 5);

    must(db.run([](Transaction& tx) { return disable_tenant(tx, admin(), "acme"); }));
    CHECK(seen([](const Directory& d) { return !d.find("acme", "other")->enabled; }));
    CHECK_FALSE(registry.find("acme", "third")->enabled);
    // Nothing that concerns a source: its name for people.
    const auto now = registry.find("acme", "other");
    must(db.run([](Transaction& tx) { return set_tenant(tx, admin(), "acme", {.name = "x"}); }));
    db.source("acme", {.slug = "fourth"});
    CHECK(seen([](const Directory& d) { return d.find("acme", "fourth") != nullptr; }));
    CHECK(registry.find("acme", "other") == now);
}

TEST_CASE("when the first source will have no secret any more is told") {
    Shop db;
    const auto soon = std::chrono::floor<std::chrono::seconds>(SystemClock{}.now()) + std::chrono::hours{48};
    const auto later = soon + std::chrono::hours{48};
    const auto seconds = [](auto time) { return std::to_string(time.time_since_epoch().count()); };
    const auto tells = [&](const std::string& value) {
        return "tollgate_tenants_secrets_end_timestamp_seconds " + value;
    };
    Running registry{db.settings("ingress"), {.look_every = std::chrono::milliseconds{20}}};
    REQUIRE(registry.read());
    // One that never ends.
    CHECK(registry.tells(tells("0")));
    // Of a source whose other secret is valid for longer, the longer one counts.
    db.source("acme", {.slug = "ends", .secret = NewSecret{.valid_until = soon}});
    CHECK(registry.tells(tells(seconds(soon))));
    const auto longer = db.secret("acme", "ends", {.valid_until = later});
    CHECK(registry.tells(tells(seconds(later))));
    must(db.run([&](Transaction& tx) { return retire_secret(tx, admin(), "acme", "ends", longer.id, {}); }));
    CHECK(registry.tells(tells(seconds(soon))));
    must(db.run([](Transaction& tx) { return disable_source(tx, admin(), "acme", "ends"); }));
    CHECK(registry.tells(tells("0")));
}

TEST_CASE("re-sealing changes no source for those who run") {
    Shop db;
    const auto keys = test::keyring({"k2", "k1"});
    Running registry{db.settings("ingress"), {}, keys};
    REQUIRE(registry.read());
    const auto shop = registry.find("acme", "shop");
    CHECK(must(db.run([&](Transaction& tx) { return reseal_secrets(tx, admin(), keys, {}, 10); })).resealed ==
          1);
    db.source("acme", {.slug = "later"}, keys);
    REQUIRE(registry.becomes([](const Directory& d) { return d.find("acme", "later") != nullptr; }));
    CHECK(registry.find("acme", "shop") == shop);
}

TEST_CASE("uses are written now and then, and at the stop") {
    Shop db;
    const Uuid secret = db.created.secret->id;
    const auto micros = std::chrono::floor<std::chrono::microseconds>(SystemClock{}.now());
    Running often{
        db.settings("ingress"),
        {.look_every = std::chrono::milliseconds{50}, .write_uses_every = std::chrono::milliseconds{100}}};
    often->used(secret, micros - std::chrono::hours{1});
    often->used(secret, micros - std::chrono::hours{2});
    REQUIRE(wait_until([&] { return last_use(db) == micros - std::chrono::hours{1}; }));
    Running seldom{db.settings("ingress"), {.write_uses_every = std::chrono::hours{1}}};
    REQUIRE(seldom.read());
    seldom->used(secret, micros);
    seldom->used(make_uuid_v7(), micros);
    CHECK(last_use(db) == micros - std::chrono::hours{1});
    const auto before = std::chrono::steady_clock::now();
    seldom.stop();
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds{2});
    CHECK(last_use(db) == micros);
}

TEST_CASE("readers are not held up while it reads, and never see half of a change") {
    Shop db;
    Running registry{db.settings("ingress")};
    REQUIRE(registry.read());
    std::atomic<bool> stop = false;
    std::atomic<int> torn = 0;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto directory = registry->directory();
                const auto shop = directory->find("acme", "shop");
                // Both are written in one transaction.
                const bool named = directory->find_alias("/pair") != nullptr;
                const bool coded = directory->find_school("pair") != nullptr;
                if (shop == nullptr || shop->prepared == nullptr || named != coded) ++torn;
                registry->used(db.created.secret->id, SystemClock{}.now());
            }
        });
    }
    db.source("acme", {.slug = "pair", .aliases = {"/pair"}, .school_codes = {"pair"}});
    for (int i = 0; i < 20; ++i) db.secret("acme", "shop", {});
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->secrets.size() == 21; }));
    stop = true;
    readers.clear();
    CHECK(torn == 0);
}
