#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/wait.hpp"
#include "tenants/audit.hpp"
#include "tenants/secret_rows.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Row;
using postgres::Transaction;
using test::admin;
using test::must;

namespace {

// All that the database has, as text.
std::string dump(test::Tenants& db) {
    return must(db.run([](Transaction& tx) {
        see_all_tenants(tx);
        std::string text;
        for (const std::string table : {"tenant", "source", "alias", "school_code", "secret", "audit"}) {
            for (const Row row :
                 tx.execute(fmt::format("select row_to_json(t)::text || coalesce(encode(nullif($1, "
                                        "'')::bytea, 'escape'), '') from tenants.{} t",
                                        table),
                            ""))
                text += row.get<std::string>(0) + "\n";
        }
        for (const Row row : tx.execute("select encode(sealed, 'escape') from tenants.secret"))
            text += row.get<std::string>(0) + "\n";
        return text;
    }));
}

std::vector<OpenSecret> opened(test::Tenants& db, const crypto::Keyring& keys) {
    return must(db.run([&](Transaction& tx) -> Result<std::vector<OpenSecret>> {
        const auto tenant = must(admit_to_tenant(tx, admin(), Role::viewer, "acme"));
        return open_secrets(tx, keys, must(find_source(tx, tenant, "shop", false)));
    }));
}

std::vector<SecretState> states(test::Tenants& db) {
    return must(db.run(
        [](Transaction& tx) { return list_secrets(tx, admin(), {.tenant = "acme", .source = "shop"}); }));
}

Result<RetiredSecret> retire(test::Tenants& db, const Uuid& secret, std::optional<Timestamp> at = {}) {
    return db.run([&](Transaction& tx) { return retire_secret(tx, admin(), "acme", "shop", secret, at); });
}

Timestamp in(std::chrono::hours from_now) {
    return std::chrono::floor<std::chrono::seconds>(SystemClock{}.now()) + from_now;
}

struct Shop : test::Tenants {
    explicit Shop(std::optional<NewSecret> first = NewSecret{}) {
        tenant("acme");
        created = source("acme", {.slug = "shop", .secret = std::move(first)});
    }
    CreatedSource created;
};

}  // namespace

TEST_CASE("a secret is in the database only sealed, for its own row") {
    Shop db{NewSecret{.value = Secret{"s3cr3t-of-the-shop"}}};
    CHECK_FALSE(db.created.secret->made);
    const auto added = db.secret("acme", "shop", {});
    REQUIRE(added.made);
    CHECK_THAT(added.made->reveal(), Catch::StartsWith("whsec_stripe_"));
    const std::string everything = dump(db);
    CHECK_THAT(everything, !Catch::Contains("s3cr3t") && !Catch::Contains(added.made->reveal()));
    CHECK_THAT(everything, Catch::Contains(added.id.text()));

    const auto secrets = opened(db, test::keyring());
    REQUIRE(secrets.size() == 2);
    CHECK(secrets[0].value.reveal() == "s3cr3t-of-the-shop");
    CHECK(secrets[0].valid_from == Timestamp::min());
    CHECK(secrets[0].valid_until == Timestamp::max());
    // One that somebody has put into the place of another does not open.
    postgres::Connection owner = test::open(db.database().owner());
    REQUIRE(transact(owner, [](Transaction& tx) {
        see_all_tenants(tx);
        record(tx, admin(), {.verb = "a test"});
        tx.execute(
            "update tenants.secret set sealed = (select sealed from tenants.secret order by secret limit 1)");
    }));
    CHECK(opened(db, test::keyring()).size() == 1);
    CHECK(opened(db, test::keyring({"k2"})).empty());
}

TEST_CASE("a secret that the provider cannot work with is not kept") {
    Shop db;
    for (const std::string& value : {std::string{"bad"}, std::string{}, std::string(70'000, 'x')}) {
        const auto added = db.run([&](Transaction& tx) {
            return add_secret(tx, admin(), {test::catalogue(), test::keyring()}, "acme", "shop",
                              {.value = Secret{value}});
        });
        REQUIRE_FALSE(added.has_value());
        CHECK(added.error().code == ErrorCode::invalid);
    }
    const auto backwards = db.run([&](Transaction& tx) {
        return add_secret(
            tx, admin(), {test::catalogue(), test::keyring()}, "acme", "shop",
            {.valid_from = in(std::chrono::hours{2}), .valid_until = in(std::chrono::hours{1})});
    });
    REQUIRE_FALSE(backwards.has_value());
    CHECK(backwards.error().code == ErrorCode::invalid);
    CHECK(states(db).size() == 1);
}

TEST_CASE("a secret is retired now, or when the time comes, and never prolonged by it") {
    Shop db;
    const auto later = db.secret("acme", "shop", {.valid_from = in(std::chrono::hours{24})}).id;
    const auto ending = db.secret("acme", "shop", {.valid_until = in(std::chrono::hours{24})}).id;
    db.secret("acme", "shop", {.valid_until = in(std::chrono::hours{-1})});
    std::vector<std::string> phases;
    for (const SecretState& one : states(db)) phases.push_back(one.phase);
    CHECK(phases == std::vector<std::string>{"valid", "not yet", "valid", "ended"});

    CHECK(retire(db, ending, in(std::chrono::hours{48})).error().code == ErrorCode::conflict);
    CHECK(retire(db, later, in(std::chrono::hours{1})).error().code == ErrorCode::invalid);
    const auto shortened = must(retire(db, ending, in(std::chrono::hours{12})));
    CHECK(shortened.secret.phase == "valid");
    CHECK(shortened.secret.valid_until == in(std::chrono::hours{12}));
    CHECK(shortened.still_valid == 1);
    CHECK(must(retire(db, db.created.secret->id)).secret.phase == "retired");
    CHECK(must(retire(db, later, in(std::chrono::hours{-1}))).still_valid == 1);
    CHECK(retire(db, later).error().code == ErrorCode::conflict);
    CHECK(retire(db, make_uuid_v7()).error().code == ErrorCode::not_found);
    CHECK(opened(db, test::keyring()).size() == 2);
}

TEST_CASE("uses are noted while a secret is retired, and neither waits for the other for long") {
    Shop db;
    const Uuid secret = db.created.secret->id;
    postgres::Connection ingress = test::open(db.settings("ingress"));
    const auto use = [&](Timestamp at) {
        ingress.execute("select tenants.record_use($1, $2)", std::vector{secret, make_uuid_v7()},
                        std::vector{at, at});
    };
    std::jthread using_it{[&](const std::stop_token& stop) {
        while (!stop.stop_requested()) use(SystemClock{}.now());
    }};
    REQUIRE(test::wait_until([&] { return states(db).front().last_used_at.has_value(); }));
    for (int i = 0; i < 20; ++i) {
        const auto one = db.secret("acme", "shop", {});
        CHECK(retire(db, one.id).has_value());
    }
    CHECK(retire(db, secret).has_value());
    using_it.request_stop();
    using_it.join();
    const auto last = states(db).front().last_used_at;
    REQUIRE(last);
    // Neither back nor into the future, nor for one that is retired overlooked.
    use(*last - std::chrono::hours{1});
    CHECK(states(db).front().last_used_at == last);
    use(*last + std::chrono::hours{1});
    CHECK(*states(db).front().last_used_at < *last + std::chrono::minutes{10});
    CHECK(*states(db).front().last_used_at > *last);
}

TEST_CASE("noting a use is no change that others must read") {
    Shop db;
    postgres::Connection ingress = test::open(db.settings("ingress"));
    const auto revision = [&] {
        return ingress.execute("select number from tenants.revision").only().get<std::int64_t>(0);
    };
    const auto before = revision();
    ingress.execute("select tenants.record_use($1, $2)", std::vector{db.created.secret->id},
                    std::vector{SystemClock{}.now()});
    CHECK(states(db).front().last_used_at);
    CHECK(revision() == before);
    db.secret("acme", "shop", {});
    CHECK(revision() == before + 1);
}

TEST_CASE("re-sealing goes on where it was interrupted, and skips what it cannot open") {
    Shop db;
    for (int i = 0; i < 9; ++i) db.secret("acme", "shop", {});
    db.secret("acme", "shop", {}, test::keyring({"lost"}));
    must(retire(db, states(db).front().id));
    const auto before = opened(db, test::keyring());
    const auto keys = test::keyring({"k2", "k1"});
    const auto step = [&](const std::optional<ResealStep::Place>& after, std::int64_t limit) {
        return db.run([&](Transaction& tx) { return reseal_secrets(tx, admin(), keys, after, limit); });
    };
    CHECK(must(step({}, 3)).resealed == 3);
    // Killed in the middle of a step: nothing of it was done.
    const Result<void> killed = db.run([&](Transaction& tx) -> Result<void> {
        must(reseal_secrets(tx, admin(), keys, {}, 3));
        return fail(ErrorCode::internal, "killed");
    });
    REQUIRE_FALSE(killed.has_value());
    std::optional<ResealStep::Place> at;
    std::int64_t resealed = 0;
    std::size_t not_opened = 0;
    for (auto next = must(step({}, 3)); next.last; next = must(step(at, 3))) {
        resealed += next.resealed;
        not_opened += next.not_opened.size();
        at = next.last;
    }
    CHECK(resealed == 7);
    CHECK(not_opened == 1);
    const auto after = opened(db, test::keyring({"k2"}));
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(after[i].value.reveal() == before[i].value.reveal());
    std::size_t of_new_key = 0;
    for (const SecretState& one : states(db)) of_new_key += one.key_id == "k2" ? 1 : 0;
    CHECK(of_new_key == 10);
    CHECK(must(step({}, 100)).resealed == 0);
}
