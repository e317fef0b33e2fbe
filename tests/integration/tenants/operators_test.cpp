#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "tenants/audit.hpp"
#include "tenants/destinations.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;
using test::admin;
using test::limited;
using test::must;

namespace {

template <typename T>
ErrorCode code_of(const Result<T>& result) {
    return result ? ErrorCode::duplicate : result.error().code;
}

Result<Actor> who(test::Tenants& db, const Secret& token) {
    return db.run([&](Transaction& tx) { return authenticate(tx, token); });
}

AddedOperator add(test::Tenants& db, const NewOperator& wanted, const Actor& by = admin()) {
    return must(db.run([&](Transaction& tx) { return add_operator(tx, by, wanted); }));
}

std::vector<std::string> names(test::Tenants& db, const Actor& by) {
    std::vector<std::string> names;
    for (const auto& one : must(db.run([&](Transaction& tx) { return list_operators(tx, by); })))
        names.push_back(one.name);
    return names;
}

}  // namespace

TEST_CASE("a token is its operator's until that one is retired") {
    test::Tenants db;
    const Uuid acme = db.tenant("acme").id;
    const auto bob = add(db, {.name = "bob", .role = Role::viewer, .tenants = {"acme", acme.text()}});
    const std::string token = bob.token.reveal();
    CHECK_THAT(token, Catch::StartsWith("tgo_"));
    CHECK(token.size() == 4 + 43);
    const Actor actor = must(who(db, bob.token));
    CHECK(actor.name == "bob");
    CHECK(actor.role == Role::viewer);
    CHECK(actor.tenants == std::vector{acme});
    CHECK_FALSE(must(who(db, add(db, {.name = "carl"}).token)).tenants);

    for (const std::string& wrong : {std::string{}, std::string{"tgo_"}, token + "x", token.substr(0, 46)})
        CHECK(code_of(who(db, Secret{wrong})) == ErrorCode::unauthenticated);
    must(db.run([](Transaction& tx) { return retire_operator(tx, admin(), "bob"); }));
    CHECK(code_of(who(db, bob.token)) == ErrorCode::unauthenticated);
    const auto again = db.run([](Transaction& tx) { return add_operator(tx, admin(), {.name = "bob"}); });
    CHECK(code_of(again) == ErrorCode::conflict);
    // Only its hash is anywhere.
    for (const auto& entry : must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {}); })))
        CHECK_THAT(entry.arguments + entry.result, !Catch::Contains("tgo_"));
}

TEST_CASE("each role may what it is for, on the tenants that it is for") {
    test::Tenants db;
    const Uuid acme = db.tenant("acme").id;
    db.tenant("beta");
    const SecretKeeping keeping{test::catalogue(), test::keyring()};
    struct Verb {
        Role needed;
        bool platform;
        std::function<ErrorCode(Transaction&, const Actor&, const std::string&)> give;
    };
    const Uuid none = make_uuid_v7();
    const auto token = must(check_secret(DestinationKind::slack_bot, Secret{"xoxb-1"}, {}));
    const std::vector<Verb> verbs{
        {Role::viewer, false, [](auto& tx, auto& by, auto& t) { return code_of(show_tenant(tx, by, t)); }},
        {Role::viewer, false, [](auto& tx, auto& by, auto& t) { return code_of(list_sources(tx, by, t)); }},
        {Role::viewer, false,
         [](auto& tx, auto& by, auto& t) { return code_of(show_source(tx, by, t, "x")); }},
        {Role::viewer, false,
         [](auto& tx, auto& by, auto& t) { return code_of(list_secrets(tx, by, {.tenant = t})); }},
        {Role::viewer, false,
         [](auto& tx, auto& by, auto& t) { return code_of(list_audit(tx, by, {.tenant = t})); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(disable_tenant(tx, by, t)); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(enable_tenant(tx, by, t)); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(set_tenant(tx, by, t, {.name = "x"})); }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) {
             return code_of(create_source(tx, by, keeping, t, {.slug = "x", .provider = "stripe"}));
         }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) { return code_of(set_source(tx, by, keeping, t, "x", "{}")); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(disable_source(tx, by, t, "x")); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(enable_source(tx, by, t, "x")); }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) { return code_of(add_secret(tx, by, keeping, t, "x", {})); }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) { return code_of(retire_secret(tx, by, t, "x", none, {})); }},
        {Role::viewer, false,
         [](auto& tx, auto& by, auto& t) { return code_of(list_destinations(tx, by, t)); }},
        {Role::viewer, false,
         [](auto& tx, auto& by, auto& t) { return code_of(show_destination(tx, by, t, "x")); }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) {
             return code_of(create_destination(tx, by, keeping.keyring, t, {.slug = "x", .secret = token}));
         }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(set_destination(tx, by, t, "x", "{}")); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(disable_destination(tx, by, t, "x")); }},
        {Role::operator_, false,
         [](auto& tx, auto& by, auto& t) { return code_of(enable_destination(tx, by, t, "x")); }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) {
             return code_of(reconnect_destination(tx, by, keeping.keyring, t, "x", token));
         }},
        {Role::operator_, false,
         [&](auto& tx, auto& by, auto& t) {
             return code_of(test_destination(tx, by, keeping.keyring, t, "x"));
         }},
        {Role::operator_, true,
         [](auto& tx, auto& by, auto&) {
             return code_of(create_tenant(tx, by, {.slug = "new", .name = ""}));
         }},
        {Role::operator_, true,
         [&](auto& tx, auto& by, auto&) { return code_of(reseal_secrets(tx, by, keeping.keyring, {}, 1)); }},
        {Role::admin, false,
         [](auto& tx, auto& by, auto& t) {
             return code_of(add_operator(tx, by, {.name = "new", .tenants = {t}}));
         }},
        {Role::admin, true,
         [](auto& tx, auto& by, auto&) { return code_of(add_operator(tx, by, {.name = "new"})); }},
    };
    const auto gives = [&](const Verb& verb, const Actor& by, const std::string& tenant) {
        ErrorCode code{};
        (void)db.run([&](Transaction& tx) -> Result<void> {
            code = verb.give(tx, by, tenant);
            return fail(ErrorCode::duplicate, "rolled back");
        });
        return code != ErrorCode::forbidden;
    };
    for (std::size_t i = 0; i < verbs.size(); ++i) {
        const Verb& verb = verbs[i];
        CAPTURE(i);
        for (const Role role : {Role::viewer, Role::operator_, Role::admin}) {
            CAPTURE(name(role));
            const Actor all{.name = "all", .role = role, .tenants = {}};
            CHECK(gives(verb, all, "acme") == (role >= verb.needed));
            CHECK(gives(verb, limited(role, {acme}), "acme") == (role >= verb.needed && !verb.platform));
            CHECK_FALSE(gives(verb, limited(role, {acme}), "beta"));
            // That there is no such tenant looks the same.
            CHECK_FALSE(gives(verb, limited(role, {acme}), "gamma"));
        }
    }
}

TEST_CASE("who is limited to tenants sees theirs alone") {
    test::Tenants db;
    const Uuid acme = db.tenant("acme").id;
    const Uuid beta = db.tenant("beta").id;
    db.tenant("gamma");
    for (const std::string slug : {"acme", "beta", "gamma"})
        db.source(slug, {.slug = "shop", .secret = NewSecret{}});
    const Actor by = limited(Role::admin, {acme, beta});
    CHECK(must(db.run([&](Transaction& tx) { return list_tenants(tx, by); })).size() == 2);
    CHECK(must(db.run([&](Transaction& tx) { return list_sources(tx, by, std::nullopt); })).size() == 2);
    CHECK(must(db.run([&](Transaction& tx) { return list_secrets(tx, by, {}); })).size() == 2);
    CHECK(must(db.run([&](Transaction& tx) { return list_audit(tx, by, {}); })).size() == 4);

    add(db, {.name = "platform"});
    add(db, {.name = "of-gamma", .tenants = {"gamma"}});
    add(db, {.name = "of-acme-gamma", .tenants = {"acme", "gamma"}});
    add(db, {.name = "of-both", .tenants = {"acme", "beta"}}, by);
    add(db, {.name = "of-beta", .role = Role::admin, .tenants = {"beta"}}, by);
    CHECK(names(db, by) == std::vector<std::string>{"of-beta", "of-both"});
    CHECK(names(db, admin()).size() == 5);
    for (const std::string other : {"platform", "of-gamma", "of-acme-gamma"}) {
        const auto retired = db.run([&](Transaction& tx) { return retire_operator(tx, by, other); });
        CHECK(code_of(retired) == ErrorCode::not_found);
    }
    CHECK(db.run([&](Transaction& tx) { return retire_operator(tx, by, "of-both"); }).has_value());
}

TEST_CASE("a verb about one tenant sees no other, also of an actor for all") {
    test::Tenants db;
    db.tenant("acme");
    db.tenant("beta");
    const auto visible = [&](const Actor& by) {
        return must(db.run([&](Transaction& tx) {
            must(admit_to_tenant(tx, by, Role::viewer, "acme"));
            return tx.execute("select count(*) from tenants.tenant").only().get<std::int64_t>(0);
        }));
    };
    CHECK(visible(admin()) == 1);
}

TEST_CASE("the owner of the tables adds the first admin, and no other: the last one stays") {
    test::Tenants db;
    postgres::Connection owner = test::open(db.database().owner());
    const auto first = [&](postgres::Connection& connection, const std::string& name) {
        return transact(connection, [&](Transaction& tx) { return add_first_operator(tx, name); });
    };
    const auto may = [&](postgres::Connection& connection) {
        return must(transact(connection, [](Transaction& tx) { return may_add_first_operator(tx); }));
    };
    postgres::Connection service = test::open(db.database().service("operator"));
    CHECK_FALSE(may(service));
    CHECK_FALSE(first(service, "eve").has_value());
    CHECK(may(owner));
    CHECK(code_of(first(owner, "Not A Name")) == ErrorCode::invalid);
    const auto root = must(first(owner, "root"));
    CHECK(must(who(db, root.token)).role == Role::admin);
    CHECK_FALSE(may(owner));
    CHECK(code_of(first(owner, "again")) == ErrorCode::conflict);
    const auto log = must(db.run([](Transaction& tx) { return list_audit(tx, admin(), {}); }));
    CHECK(log.front().actor == "login:tollgate_test");

    const auto retire = [&](const std::string& name) {
        return code_of(db.run([&](Transaction& tx) { return retire_operator(tx, admin(), name); }));
    };
    CHECK(retire("root") == ErrorCode::conflict);
    add(db, {.name = "second", .role = Role::admin});
    CHECK(retire("root") == ErrorCode::duplicate);
    CHECK(retire("second") == ErrorCode::conflict);
    CHECK(retire("rot") == ErrorCode::not_found);
}
