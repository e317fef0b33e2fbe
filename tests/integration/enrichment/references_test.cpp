// Events of a payer wait until it is known who that is in the tenant's own system.
#include "enrichment/references.hpp"

#include <catch2/catch.hpp>

#include "enrichment/directories.hpp"
#include "tenants/tenants.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using enrichment::Mapping;
using postgres::Transaction;

namespace {

archive::Event school_event(const std::string& student, const Uuid& tenant) {
    archive::Event made = raw_event("payment.success",
                                    R"({"event_id": "e", "external_txn_id": "t", "amount": "100,000",
                                        "currency": "UGX", "status": "success", "raw": {},
                                        "provider_student_id": ")" +
                                        student + "\"}",
                                    "school");
    made.tenant = tenant;
    return made;
}

class School {
public:
    School() : operator_{open(world_.pipeline().settings("operator"))} {
        tenant_ = must(transact(operator_, [&](Transaction& tx) {
                      return tenants::create_tenant(tx, ann_, {.slug = "hill", .name = "Hill"});
                  })).id;
        other_ = must(transact(operator_, [&](Transaction& tx) {
                     return tenants::create_tenant(tx, ann_, {.slug = "vale", .name = "Vale"});
                 })).id;
    }

    EnrichmentWorld& world() { return world_; }
    const Uuid& tenant() const { return tenant_; }
    const Uuid& other() const { return other_; }

    void has_directory() {
        must(transact(operator_, [&](Transaction& tx) {
            return enrichment::set_directory(tx, ann_, "hill", "school", {}, nullptr, "a test");
        }));
    }
    void has_none() {
        must(transact(operator_, [&](Transaction& tx) {
            return enrichment::turn_directory_off(tx, ann_, "hill", "school", "a test");
        }));
    }
    enrichment::Mapped map(const std::vector<Mapping>& mappings) {
        return must(transact(operator_, [&](Transaction& tx) {
            return enrichment::map_references(tx, ann_, "hill", "school", mappings, "");
        }));
    }
    std::int64_t held() { return world_.count("consumer.work where state = 'held' and hold = 'unmapped'"); }

private:
    EnrichmentByJournal world_;
    postgres::Connection operator_;
    tenants::Actor ann_{.name = "ann", .role = tenants::Role::operator_, .tenants = {}};
    Uuid tenant_;
    Uuid other_;
};

}  // namespace

TEST_CASE("what is mapped to nobody is held, and goes on once it is mapped") {
    School school;
    school.has_directory();
    const auto process = school.world().start();
    const std::vector events{school_event("STU-1", school.tenant()), school_event("STU-2", school.tenant()),
                             school_event("STU-1", school.tenant())};
    const archive::Event of_other = school_event("STU-1", school.other());
    const archive::Event of_stripe = [&] {
        archive::Event made = sample_event("charge.succeeded");
        made.tenant = school.tenant();
        return made;
    }();
    school.world().pipeline().put(events);
    school.world().pipeline().put({of_other, of_stripe});
    // Neither another tenant nor another provider is concerned.
    REQUIRE(school.world().payments(2).size() == 2);
    CHECK(school.world().payment(of_other.id)->external_reference().empty());
    REQUIRE(school.held() == 3);
    for (const std::string& row : school.world().work())
        CHECK_THAT(row, Catch::StartsWith("held: STU-") &&
                            Catch::EndsWith(
                                "of school is mapped to nobody: `tollgate reference map` says who it is"));
    CHECK(school.world().count("enrichment.reference where reference is null") == 2);

    const auto mapped = school.map({{.customer = "STU-1", .reference = "S-2041"}});
    CHECK(mapped.mapped == 1);
    CHECK(mapped.released == 3);
    REQUIRE(school.world().payments(4).size() == 4);
    CHECK(school.world().payment(events[0].id)->external_reference() == "S-2041");
    CHECK(school.world().payment(events[2].id)->external_reference() == "S-2041");
    CHECK(school.world().payment(events[0].id)->amount().minor() == 100'000);
    CHECK(comes_true([&] { return school.held() == 1; }));
    CHECK_FALSE(school.world().payment(events[1].id));
    // From now on it does not wait.
    const archive::Event later = school_event("STU-1", school.tenant());
    school.world().pipeline().put({later});
    REQUIRE(school.world().payments(5).size() == 5);
    CHECK(school.world().payment(later.id)->external_reference() == "S-2041");
    // What waited left no trace of attempts, because none failed.
    CHECK(school.world().count("consumer.attempt") == 0);
}

TEST_CASE("a directory that is off holds nothing, and lets go what was held for it") {
    School school;
    school.has_directory();
    const auto process = school.world().start();
    const archive::Event event = school_event("STU-1", school.tenant());
    school.world().pipeline().put({event});
    REQUIRE(comes_true([&] { return school.held() == 1; }));
    school.has_none();
    REQUIRE(school.world().payments(1).size() == 1);
    CHECK(school.world().payment(event.id)->external_reference().empty());
    school.world().pipeline().put({school_event("STU-2", school.tenant())});
    CHECK(school.world().payments(2).size() == 2);
}

TEST_CASE("the last mapping of a payer counts, and a redo carries it through") {
    School school;
    school.has_directory();
    const auto process = school.world().start();
    school.map({{.customer = "STU-1", .reference = "S-1"}, {.customer = "STU-1", .reference = "S-2"}});
    const archive::Event event = school_event("STU-1", school.tenant());
    school.world().pipeline().put({event});
    REQUIRE(school.world().payments(1).size() == 1);
    CHECK(school.world().payment(event.id)->external_reference() == "S-2");
    school.map({{.customer = "STU-1", .reference = "S-3"}});
    school.world().redo({event.id});
    CHECK(comes_true([&] { return school.world().payment(event.id)->external_reference() == "S-3"; }));
}
