// Events of a payer wait until it is known who that is in the tenant's own system.
#include "enrichment/references.hpp"

#include <fstream>

#include <catch2/catch.hpp>

#include "crypto/keyring.hpp"
#include "enrichment/directories.hpp"
#include "enrichment/mappings.hpp"
#include "erasing.hpp"
#include "recorder.hpp"
#include "support/temporary_folder.hpp"
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

    void has_directory(const std::string& url = "", const std::string& token = "") {
        enrichment::DirectorySettings settings{.url = url};
        if (!token.empty()) settings.token = Secret{token};
        const auto keys = must(crypto::Keyring::parse(key_line_.reveal(), "a test"));
        must(transact(operator_, [&](Transaction& tx) {
            return enrichment::set_directory(tx, ann_, "hill", "school", settings, &keys, "a test");
        }));
    }
    // With what it takes to ask directories on loopback.
    std::unique_ptr<EnrichmentProcess> start(const std::string& wait = "1500ms") {
        return world_.start({{"TOLLGATE_DIRECTORIES_PRIVATE", "true"},
                             {"TOLLGATE_LOOKUPS_WAIT", wait},
                             {"TOLLGATE_SEAL_KEYS_FILE", keys_file()}});
    }
    // As if the time had come for what is held.
    void make_due() {
        postgres::Connection owner = world_.pipeline().owner();
        owner.execute("select set_config('tollgate.tenant', '*', false)");
        owner.execute("update enrichment.reference set changed_at = changed_at - interval '1 hour'");
        owner.execute("update consumer.work set due_at = now() where due_at is not null");
    }
    void has_none() {
        must(transact(operator_, [&](Transaction& tx) {
            return enrichment::turn_directory_off(tx, ann_, "hill", "school", "a test");
        }));
    }
    Result<enrichment::Mapped> try_to_map(const std::vector<Mapping>& mappings,
                                          const std::optional<std::string>& within = std::nullopt) {
        return transact(operator_, [&](Transaction& tx) {
            return enrichment::map_references(
                tx, ann_, {.tenant = "hill", .provider = "school", .within = within}, mappings, "");
        });
    }
    enrichment::Mapped map(const std::vector<Mapping>& mappings,
                           const std::optional<std::string>& within = std::nullopt) {
        return must(try_to_map(mappings, within));
    }
    std::int64_t held() { return world_.count("consumer.work where state = 'held' and hold = 'unmapped'"); }

private:
    std::string keys_file() const {
        const auto path = folder_.path() / "seal.keys";
        std::ofstream{path} << key_line_.reveal();
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        return path;
    }

    const Secret key_line_ = must(crypto::make_key_line("k1"));
    TemporaryFolder folder_;
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
        CHECK_THAT(
            row,
            Catch::StartsWith("held: STU-") &&
                Catch::EndsWith(
                    "of school (source/shop) is mapped to nobody: `tollgate reference map` says who it is"));
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
    CHECK(school.world().count("consumer.attempt where outcome <> 'done'") == 0);
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
    school.map({{.customer = "STU-1", .reference = "S-1"}, {.customer = "STU-1", .reference = "S-2"}},
               "source/shop");
    const archive::Event event = school_event("STU-1", school.tenant());
    school.world().pipeline().put({event});
    REQUIRE(school.world().payments(1).size() == 1);
    CHECK(school.world().payment(event.id)->external_reference() == "S-2");
    school.map({{.customer = "STU-1", .reference = "S-3"}});
    school.world().redo({event.id});
    CHECK(comes_true([&] { return school.world().payment(event.id)->external_reference() == "S-3"; }));
}

TEST_CASE("nobody is asked who an erased payer is, nor waited for") {
    School school;
    Recorder directory;
    school.has_directory(directory.url() + "{id}");
    const auto process = school.start();
    directory.answer("STU-1", http::plain(200, R"({"reference": "S-1"})"));
    const archive::Event event = school_event("STU-1", school.tenant());
    school.world().pipeline().put({event});
    REQUIRE(school.world().payments(1).size() == 1);
    REQUIRE(directory.asked_for("STU-1") == 1);
    erase(school.world(),
          {.tenant = school.tenant(), .provider = "school", .realm = "source/shop", .customer = "STU-1"});
    REQUIRE(school.world().count("enrichment.reference") == 0);
    school.world().redo({event.id});
    CHECK(comes_true([&] { return school.world().payment(event.id)->external_reference().empty(); }));
    CHECK(directory.asked_for("STU-1") == 1);
    CHECK(school.world().count("enrichment.reference") == 0);
    CHECK(school.held() == 0);
}

TEST_CASE("one id at two sources is two payers, and each has a mapping of its own") {
    School school;
    EnrichmentWorld& world = school.world();
    school.has_directory();
    const auto process = school.start();
    const archive::Event here = school_event("STU-1", school.tenant());
    archive::Event there = school_event("STU-1", school.tenant());
    there.source = "vale";
    world.pipeline().put({here, there});
    REQUIRE(comes_true([&] { return world.work().size() == 2; }));
    const auto either = school.try_to_map({{.customer = "STU-1", .reference = "S-1"}});
    REQUIRE_FALSE(either);
    CHECK_THAT(either.error().text(), Catch::Contains("source/shop, source/vale"));
    school.map({{.customer = "STU-1", .reference = "S-1"}}, "source/shop");
    REQUIRE(comes_true([&] { return world.payment(here.id).has_value(); }));
    CHECK(world.payment(here.id)->external_reference() == "S-1");
    REQUIRE(comes_true([&] { return world.count("consumer.work where state = 'held'") == 1; }));
    CHECK_FALSE(world.payment(there.id));
    school.map({{.customer = "STU-1", .reference = "S-9"}}, "source/vale");
    REQUIRE(comes_true([&] { return world.payment(there.id).has_value(); }));
    CHECK(world.payment(there.id)->external_reference() == "S-9");
}

TEST_CASE("a directory is asked who a payer is, and what it does not know is held until it does") {
    School school;
    Recorder directory;
    const std::string token = "token-of-hill";
    school.has_directory(directory.url() + "{id}", token);
    directory.answer("STU/1", http::json(200, R"({"school_student_id": "S-1"})"));
    directory.answer("STU-2", http::json(200, R"({"reference": 17})"));
    const auto process = school.start();
    const std::vector known{school_event("STU/1", school.tenant()), school_event("STU-2", school.tenant())};
    school.world().pipeline().put(known);
    REQUIRE(school.world().payments(2).size() == 2);
    CHECK(school.world().payment(known[0].id)->external_reference() == "S-1");
    CHECK(school.world().payment(known[1].id)->external_reference() == "17");
    CHECK_THAT(directory.asked()[0], Catch::StartsWith("GET /of/STU%2F1?") ||
                                         Catch::StartsWith("GET /of/STU/1?") ||
                                         Catch::StartsWith("GET /of/STU-2?"));
    CHECK_THAT(directory.asked()[0], Catch::Contains("Authorization: Bearer token-of-hill"));

    const archive::Event nobody = school_event("STU-3", school.tenant());
    school.world().pipeline().put({nobody});
    REQUIRE(comes_true([&] { return school.held() == 1; }));
    CHECK_THAT(school.world().work().front(),
               Catch::StartsWith("held: the directory knows nobody for STU-3"));
    CHECK(school.world().count("consumer.work where due_at between now() + interval '13 minutes' and now() + "
                               "interval '15 minutes'") == 1);
    // When it is due: without an operator.
    directory.answer("STU-3", http::json(200, R"({"school_student_id": "S-3"})"));
    school.make_due();
    REQUIRE(school.world().payments(3).size() == 3);
    CHECK(school.world().payment(nobody.id)->external_reference() == "S-3");
    // What is known is not asked again, and an operator knows better.
    school.world().pipeline().put({school_event("STU-3", school.tenant())});
    REQUIRE(school.world().payments(4).size() == 4);
    CHECK(directory.asked_for("STU-3") == 2);
    CHECK_THAT(process->log(), !Catch::Contains(token));
}

TEST_CASE("a directory that fails holds its own tenant's events, and delays nobody else's") {
    School school;
    Recorder directory;
    school.has_directory(directory.url() + "{id}", "token");
    directory.be_silent("STU-1");
    directory.answer("STU-2", http::json(500, ""));
    directory.answer("STU-3", http::json(200, R"({"neither": 1})"));
    const auto process = school.start("300ms");
    school.world().pipeline().put(
        {school_event("STU-1", school.tenant()), school_event("STU-2", school.tenant()),
         school_event("STU-3", school.tenant()), school_event("STU-1", school.other())});
    REQUIRE(school.world().payments(1).size() == 1);
    REQUIRE(comes_true([&] { return school.held() == 3; }));
    for (const std::string& row : school.world().work())
        CHECK_THAT(row, Catch::StartsWith("held: the directory has not said yet who STU-"));
    CHECK(school.world().count("consumer.attempt") == 0);
    directory.answer("STU-1", http::json(200, R"({"school_student_id": "S-1"})"));
    directory.let_go();
    CHECK(comes_true([&] {
        school.make_due();
        return school.held() == 2;
    }));
}
