#include "tenants/names.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;

namespace {

// Whether the tables take it; it is rolled back.
bool taken(postgres::Connection& owner, const std::string& sql, const std::string& value) {
    const Result<void> outcome = transact(owner, [&](Transaction& tx) -> Result<void> {
        see_all_tenants(tx);
        tx.execute(sql, value);
        return fail(ErrorCode::duplicate, "rolled back");
    });
    REQUIRE_FALSE(outcome.has_value());
    if (outcome.error().code != ErrorCode::duplicate) CHECK(outcome.error().code == ErrorCode::bad_data);
    return outcome.error().code == ErrorCode::duplicate;
}

const std::vector<std::string> samples{"a",
                                       "9",
                                       "a-b",
                                       "-a",
                                       "a_b",
                                       "a.b",
                                       "a@b",
                                       "A",
                                       "",
                                       " ",
                                       "a ",
                                       " a",
                                       "a b",
                                       "a\n",
                                       "a\tb",
                                       "ä",
                                       "a'b",
                                       "a\\b",
                                       "*",
                                       "019ac1d2-0000-7000-8000-000000000000",
                                       "019ac1d2-0000-7000-8000-00000000000",
                                       "019AC1D2-0000-7000-8000-000000000000",
                                       std::string(39, 'a'),
                                       std::string(40, 'a'),
                                       std::string(63, 'a'),
                                       std::string(64, 'a'),
                                       std::string(65, 'a'),
                                       std::string(200, 'a'),
                                       std::string(201, 'a'),
                                       "Acme & Söhne",
                                       "\x7f",
                                       "SCH-1",
                                       "/",
                                       "//",
                                       "/a",
                                       "/a/",
                                       "a/b",
                                       "/a//b",
                                       "/a/./b",
                                       "/a/../b",
                                       "/..",
                                       "/a/..b",
                                       "/v1",
                                       "/v1/in/x/y",
                                       "/v1x",
                                       "/v10/a",
                                       "/a?b",
                                       "/a#b",
                                       "/a%20b",
                                       "/a b",
                                       "/webhooks/billing/stripe",
                                       "/webhooks/billing/stripes",
                                       "/api/v1/gateway/webhooks/stripe",
                                       "/api/v1/gateway/webhooks/stripe/test",
                                       "/ä",
                                       "/" + std::string(254, 'a'),
                                       "/" + std::string(255, 'a'),
                                       "/a:b@c+d,e;f=g",
                                       "/.well-known/x",
                                       "/webhooks/customer",
                                       "/webhooks/customer/x",
                                       "/webhooks/customers",
                                       "/webhooks/health",
                                       "/webhooks/healthy",
                                       "/api/webhooks/x",
                                       "/api/webhooks"};

}  // namespace

TEST_CASE("what is malformed for the verbs is malformed for the tables, and the other way round") {
    test::Tenants db;
    db.tenant("acme");
    db.source("acme", {.slug = "shop"});
    postgres::Connection owner = test::open(db.database().owner());
    const std::string of_source = " select tenant, source, $1 from tenants.source";
    for (const std::string& sample : samples) {
        CAPTURE(sample);
        CHECK(check_slug("source", sample).has_value() == taken(owner, "select $1::tenants.slug", sample));
        CHECK(check_title(sample).has_value() == taken(owner, "select $1::tenants.title", sample));
        CHECK(check_plan(sample).has_value() == taken(owner, "update tenants.tenant set plan = $1", sample));
        CHECK(check_school_code(sample).has_value() ==
              taken(owner, "insert into tenants.school_code (tenant, source, code)" + of_source, sample));
        CHECK(
            check_operator_name(sample).has_value() ==
            taken(owner,
                  "insert into tenants.operator (name, role, token_sha256) values ($1, 'admin', sha256('x'))",
                  sample));
        const auto alias = canonical_alias(sample);
        CHECK((alias && *alias == sample) ==
              taken(owner, "insert into tenants.alias (tenant, source, path)" + of_source, sample));
    }
}

TEST_CASE("settings of the largest size are kept, and one byte more is refused in words") {
    test::Tenants db;
    db.tenant("acme");
    const auto settings = [](std::size_t bytes) {
        const std::string frame = R"({"x": ""})";
        return R"({"x": ")" + std::string(bytes - frame.size(), 'x') + "\"}";
    };
    CHECK(db.source("acme", {.slug = "full", .settings = settings(65'536)}).source.settings ==
          settings(65'536));
    CHECK(check_settings(settings(65'537)).error().code == ErrorCode::invalid);
    // Few bytes for us, many for the tables, which write numbers out.
    const auto swollen = db.run([](Transaction& tx) {
        return create_source(tx, test::admin(), {test::catalogue(), test::keyring()}, "acme",
                             {.slug = "swollen", .provider = "stripe", .settings = R"({"x": 1e65536})"});
    });
    CHECK_FALSE(swollen.has_value());
    CHECK_FALSE(check_settings(std::string(60'000, '[')).has_value());
    CHECK_FALSE(check_settings(R"({"a": 1} x)").has_value());
}
