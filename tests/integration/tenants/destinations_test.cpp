#include "tenants/destinations.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "tenants/audit.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Row;
using postgres::Transaction;
using test::admin;
using test::must;

namespace {

const std::string webhook = "https://hooks.slack.com/services/T1/B1/s3cr3t";
const std::string token = "xoxb-1-s3cr3t";

CheckedSecret checked(const std::string& value) {
    const auto kind =
        value.starts_with("xoxb-") ? DestinationKind::slack_bot : DestinationKind::slack_webhook;
    return must(check_secret(kind, Secret{value},
                             [](const std::string&) -> Result<std::string> { return "hooks.slack.com"; }));
}

struct World : test::Tenants {
    World() {
        tenant("acme");
        tenant("beta");
    }

    Result<DestinationState> create(const std::string& of, const NewDestination& wanted,
                                    const crypto::Keyring& keys = test::keyring()) {
        return run(
            [&](Transaction& tx) { return create_destination(tx, admin(), keys, of, wanted, "told to"); });
    }

    OpenDestinations opened(const std::vector<DestinationId>& wanted,
                            const crypto::Keyring& keys = test::keyring()) {
        postgres::Connection delivery = test::open(settings("delivery"));
        return must(transact(delivery, [&](Transaction& tx) { return open_destinations(tx, keys, wanted); }));
    }

    // All that the database has of them, the audit log too.
    std::string dump() {
        return must(run([](Transaction& tx) {
            see_all_tenants(tx);
            std::string text;
            for (const Row row : tx.execute(
                     "select row_to_json(d)::text || encode(sealed, 'escape') from tenants.destination d "
                     "union all select row_to_json(a)::text from tenants.audit a"))
                text += row.get<std::string>(0) + "\n";
            return text;
        }));
    }
};

DestinationId id_of(const DestinationState& state) {
    return {.tenant = state.tenant, .destination = state.id};
}

}  // namespace

TEST_CASE(
    "a destination is created, changed, disabled and enabled, and each is on record without its secret") {
    World db;
    const auto made = must(db.create(
        "acme",
        {.slug = "billing", .secret = checked(token), .settings = R"({"channel": "C1", "burst": 5})"}));
    CHECK(made.kind == DestinationKind::slack_bot);
    CHECK(made.settings == DestinationSettings{.channel = "C1", .burst = 5});
    CHECK(made.host.empty());
    CHECK(made.tenant_slug == "acme");
    CHECK(made.key_id == "k1");
    const auto set = must(db.run([](Transaction& tx) {
        return set_destination(tx, admin(), "acme", "billing", R"({"tone": "playful", "burst": null})");
    }));
    CHECK(set.settings == DestinationSettings{.channel = "C1", .tone = Tone::playful});
    CHECK(must(db.run([&](Transaction& tx) {
              return disable_destination(tx, admin(), "acme", made.id.text());
          })).disabled_at);
    CHECK_FALSE(must(db.run([](Transaction& tx) {
                    return enable_destination(tx, admin(), "acme", "billing");
                })).disabled_at);
    const auto shown =
        must(db.run([](Transaction& tx) { return show_destination(tx, admin(), "acme", "billing"); }));
    CHECK(shown.settings == set.settings);
    CHECK(shown.fingerprint == made.fingerprint);

    const auto log =
        must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {.verb = "destination"}); }));
    REQUIRE(log.size() == 4);
    CHECK(log[0].verb == "destination enable");
    CHECK(log[0].result == R"({"changed": true})");
    CHECK(log[1].verb == "destination disable");
    CHECK(log[2].arguments ==
          R"({"settings": {"tone": "playful", "burst": null}, "destination": "billing"})");
    CHECK(log[3].verb == "destination create");
    CHECK(log[3].reason == "told to");
    CHECK_THAT(log[3].arguments, Catch::Contains(made.fingerprint));
    CHECK_THAT(db.dump(), !Catch::Contains("s3cr3t") && !Catch::Contains("xoxb"));
}

TEST_CASE("a destination's slug is its own in its tenant, and what cannot be is refused in words") {
    World db;
    const NewDestination plain{.slug = "billing", .secret = checked(webhook)};
    must(db.create("acme", plain));
    CHECK(db.create("beta", plain).has_value());
    CHECK(db.create("acme", plain).error().code == ErrorCode::conflict);
    CHECK_THAT(db.create("acme", {.slug = "Billing", .secret = checked(webhook)}).error().detail,
               Catch::Contains("no slug for a destination"));
    CHECK_THAT(db.create("acme", {.slug = "bot", .secret = checked(token)}).error().detail,
               Catch::Contains("has to be told its channel"));
    CHECK(db.create("acne", plain).error().code == ErrorCode::invalid);
    const auto missing =
        db.run([](Transaction& tx) { return show_destination(tx, admin(), "acme", "biling"); });
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().detail == "tenant \"acme\" has no destination \"biling\": did you mean billing?");
    const auto nothing =
        db.run([](Transaction& tx) { return set_destination(tx, admin(), "acme", "billing", "{}"); });
    REQUIRE_FALSE(nothing.has_value());
    CHECK(nothing.error().code == ErrorCode::invalid);
    const auto list = [&](const std::optional<std::string>& tenant) {
        return must(db.run([&](Transaction& tx) { return list_destinations(tx, admin(), tenant); })).size();
    };
    CHECK(list("acme") == 1);
    CHECK(list(std::nullopt) == 2);
    const auto two =
        must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {.verb = "destination"}); }));
    CHECK(two.size() == 2);
}

TEST_CASE("a destination is reconnected with another secret of its kind, from then on the only one") {
    World db;
    const auto made = must(db.create("acme", {.slug = "billing", .secret = checked(webhook)}));
    const auto reconnect = [&](const std::string& value) {
        return db.run([&](Transaction& tx) {
            return reconnect_destination(tx, admin(), test::keyring({"k2", "k1"}), "acme", "billing",
                                         checked(value), "it was removed in Slack");
        });
    };
    const auto after = must(reconnect(webhook + "2"));
    CHECK(after.fingerprint != made.fingerprint);
    CHECK(after.key_id == "k2");
    CHECK(after.secret_since > made.secret_since);
    CHECK(after.settings == made.settings);
    const auto opened = db.opened({id_of(made)}, test::keyring({"k2"}));
    REQUIRE(opened.opened.size() == 1);
    CHECK(opened.opened.front().secret.reveal() == webhook + "2");
    const auto other_kind = reconnect(token);
    REQUIRE_FALSE(other_kind.has_value());
    CHECK_THAT(other_kind.error().detail, Catch::Contains("is a slack-webhook"));
    const auto log = must(
        db.run([](Transaction& tx) { return list_audit(tx, admin(), {.verb = "destination reconnect"}); }));
    REQUIRE(log.size() == 1);
    CHECK_THAT(log.front().result, Catch::Contains(made.fingerprint));
    CHECK_THAT(log.front().arguments, Catch::Contains(after.fingerprint));
    CHECK_THAT(db.dump(), !Catch::Contains("s3cr3t"));
}

TEST_CASE("the sender opens those that it asks for, of all tenants, and is told which it cannot") {
    World db;
    const auto first = must(db.create("acme", {.slug = "a", .secret = checked(webhook)}));
    const auto bot =
        must(db.create("beta", {.slug = "b", .secret = checked(token), .settings = R"({"channel": "C1"})"}));
    const auto lost =
        must(db.create("acme", {.slug = "c", .secret = checked(webhook)}, test::keyring({"lost"})));
    must(db.create("acme", {.slug = "d", .secret = checked(webhook)}));
    const auto asked = db.opened({id_of(first),
                                  id_of(bot),
                                  id_of(lost),
                                  id_of(bot),
                                  {.tenant = bot.tenant, .destination = first.id},
                                  {.tenant = first.tenant, .destination = make_uuid_v7()}});
    REQUIRE(asked.opened.size() == 2);
    CHECK(asked.opened[0].secret.reveal() == webhook);
    CHECK(asked.opened[0].tenant_slug == "acme");
    CHECK(asked.opened[0].time_zone == "UTC");
    CHECK(asked.opened[0].enabled);
    CHECK(asked.opened[1].slug == "b");
    CHECK(asked.opened[1].settings.channel == "C1");
    CHECK(asked.opened[1].kind == DestinationKind::slack_bot);
    REQUIRE(asked.not_opened.size() == 1);
    CHECK(asked.not_opened.front().first == id_of(lost));
    CHECK(asked.not_opened.front().second.code == ErrorCode::misconfigured);
    CHECK(db.opened({}).opened.empty());

    must(db.run([](Transaction& tx) { return disable_destination(tx, admin(), "acme", "a"); }));
    must(db.run([](Transaction& tx) { return disable_tenant(tx, admin(), "beta"); }));
    for (const OpenDestination& one : db.opened({id_of(first), id_of(bot)}).opened) CHECK_FALSE(one.enabled);

    // A secret that somebody has put into the place of another does not open.
    postgres::Connection owner = test::open(db.database().owner());
    must(transact(owner, [](Transaction& tx) {
        see_all_tenants(tx);
        record(tx, admin(), {.verb = "a test"});
        tx.execute(
            "update tenants.destination set sealed = (select sealed from tenants.destination where "
            "slug = 'd') where slug = 'a'");
    }));
    CHECK(db.opened({id_of(first)}).opened.empty());
}

TEST_CASE("a destination is tested by an operator of its tenant alone, who is on record") {
    World db;
    const auto made = must(db.create("acme", {.slug = "a", .secret = checked(webhook)}));
    const auto open_as = [&](const Actor& actor, const crypto::Keyring& keys = test::keyring()) {
        return db.run([&](Transaction& tx) { return test_destination(tx, actor, keys, "acme", "a"); });
    };
    CHECK(must(open_as(test::limited(Role::operator_, {made.tenant}))).secret.reveal() == webhook);
    CHECK(open_as(test::limited(Role::viewer, {made.tenant})).error().code == ErrorCode::forbidden);
    CHECK_FALSE(open_as(test::limited(Role::admin, {make_uuid_v7()})).has_value());
    CHECK(open_as(admin(), test::keyring({"k9"})).error().code == ErrorCode::misconfigured);
    const auto log =
        must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {.verb = "destination test"}); }));
    REQUIRE(log.size() == 1);
    CHECK(log.front().actor == "lim");
    CHECK(log.front().tenant == made.tenant);
}

TEST_CASE("re-sealing reaches destinations after secrets, in steps") {
    World db;
    db.source("acme", {.slug = "shop", .secret = NewSecret{}});
    for (const std::string slug : {"a", "b", "c"})
        must(db.create(slug == "a" ? "beta" : "acme", {.slug = slug, .secret = checked(webhook + slug)}));
    must(db.create("acme", {.slug = "lost", .secret = checked(webhook)}, test::keyring({"lost"})));
    must(db.run([](Transaction& tx) { return disable_destination(tx, admin(), "acme", "c"); }));
    const auto keys = test::keyring({"k2", "k1"});
    std::optional<ResealStep::Place> at;
    std::vector<std::int64_t> resealed;
    std::size_t not_opened = 0;
    for (;;) {
        const auto step = must(
            db.run([&](Transaction& tx) { return reseal_secrets(tx, admin(), keys, at, 2, "a new key"); }));
        if (!step.last) break;
        at = step.last;
        resealed.push_back(step.resealed);
        not_opened += step.not_opened.size();
    }
    CHECK(resealed == std::vector<std::int64_t>{2, 1, 1});
    CHECK(not_opened == 1);
    for (const DestinationState& state :
         must(db.run([](Transaction& tx) { return list_destinations(tx, admin(), std::nullopt); }))) {
        CAPTURE(state.slug);
        CHECK(state.key_id == (state.slug == "lost" ? "lost" : "k2"));
        if (state.slug == "lost") continue;
        const auto opened = db.opened({id_of(state)}, test::keyring({"k2"}));
        REQUIRE(opened.opened.size() == 1);
        CHECK(opened.opened.front().secret.reveal() == webhook + state.slug);
    }
}

TEST_CASE("what a destination is, does not change, and nothing of it is deleted or written unrecorded") {
    World db;
    must(db.create("acme", {.slug = "a", .secret = checked(webhook)}));
    for (const char* trick :
         {"delete from tenants.destination", "truncate tenants.destination",
          "update tenants.destination set slug = 'b'", "update tenants.destination set kind = 'slack-bot'",
          "update tenants.destination set created_at = now()",
          "update tenants.destination set disabled_at = now()"}) {
        CAPTURE(trick);
        CHECK(test::refused(db.database().service("operator"), trick, "*"));
        CHECK(test::refused(db.database().owner(), trick, "*"));
    }
    const auto delivery = db.database().service("delivery");
    for (const char* trick :
         {"update tenants.destination set disabled_at = now()", "select * from tenants.tenant",
          "select plan from tenants.tenant", "select from tenants.secret", "select from tenants.audit"}) {
        CAPTURE(trick);
        CHECK(test::refused(delivery, trick));
    }
    for (const std::string service : {"ingress", "relay", "enrichment", "billing"})
        CHECK(test::refused(db.database().service(service), "select from tenants.destination"));
}
