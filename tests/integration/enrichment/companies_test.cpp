// Companies by the domain of an e-mail address: looked up once, and never in the way.
#include "enrichment/companies.hpp"

#include <catch2/catch.hpp>

#include "recorder.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr const char* brand =
    R"({"name": "Acme Coffee", "domain": "acme-coffee.de", "description": "Beans & cups",
    "qualityScore": 0.8, "isNsfw": false, "colors": [{"hex": "#1a2b3c", "type": "dark"}, {"hex": "red"}],
    "logos": [{"type": "logo", "formats": [{"format": "svg", "src": "https://a.example/logo.svg"},
                                           {"format": "png", "src": "https://a.example/logo.png"}]},
              {"type": "icon", "formats": [{"format": "png", "src": "https://a.example/icon.png"}]}],
    "company": {"employees": "51-200", "industries": [{"name": "Food & Drink"}],
                "location": {"city": "Berlin", "country": "Germany"}}})";

archive::Event event_of(const std::string& email) {
    return raw_event("customer.created", R"({"object": "event", "data": {"object": {"object": "customer",
                     "id": "cus_1", "email": ")" +
                                             email + R"("}}})");
}

class Companies {
public:
    explicit Companies(const std::string& wait = "1500ms") : process_{world_.start(environment(wait))} {}

    EnrichmentWorld& world() { return world_; }
    Recorder& brandfetch() { return brandfetch_; }
    EnrichmentProcess& process() { return *process_; }
    // What the payment event of such a customer says.
    v1::Company of(const std::string& email) {
        const archive::Event event = event_of(email);
        world_.pipeline().put({event});
        if (!comes_true([&] { return world_.payment(event.id).has_value(); }))
            throw std::runtime_error{"it is not enriched"};
        return world_.payment(event.id)->company();
    }
    void forget() { world_.pipeline().owner().execute("delete from enrichment.company"); }

private:
    ChildProcess::Environment environment(const std::string& wait) const {
        return {{"TOLLGATE_BRANDFETCH_KEY", "key-of-ours"},
                {"TOLLGATE_BRANDFETCH_URL", brandfetch_.url()},
                {"TOLLGATE_LOOKUPS_WAIT", wait}};
    }

    EnrichmentByJournal world_;
    Recorder brandfetch_;
    std::unique_ptr<EnrichmentProcess> process_;
};

}  // namespace

TEST_CASE("a company is looked up once, and only its domain leaves us") {
    Companies companies;
    companies.brandfetch().answer("acme-coffee.de", http::json(200, brand));
    const auto company = companies.of("ada.lovelace@Acme-Coffee.de");
    CHECK(company.domain() == "acme-coffee.de");
    CHECK(company.name() == "Acme Coffee");
    CHECK(company.description() == "Beans & cups");
    CHECK(company.logo_url() == "https://a.example/icon.png");
    CHECK(company.industry() == "Food & Drink");
    CHECK(company.size() == "51-200");
    CHECK(company.location() == "Berlin, Germany");
    REQUIRE(company.colours_size() == 1);
    CHECK(company.colours(0) == "#1a2b3c");

    CHECK(companies.of("bob@acme-coffee.de").SerializeAsString() == company.SerializeAsString());
    const auto asked = companies.brandfetch().asked();
    REQUIRE(asked.size() == 1);
    CHECK_THAT(asked[0], Catch::StartsWith("GET /of/acme-coffee.de?allowNsfw=false\n") &&
                             Catch::Contains("Authorization: Bearer key-of-ours"));
    CHECK_THAT(asked[0], !Catch::Contains("ada") && !Catch::Contains("cus_1"));
    CHECK_THAT(companies.process().log(), !Catch::Contains("key-of-ours"));
}

TEST_CASE("subdomains are one company, and what anybody registers under is none") {
    Companies companies;
    companies.brandfetch().answer("acme-coffee.co.uk", http::json(200, brand));
    CHECK(companies.of("ada@mail.acme-coffee.co.uk").domain() == "acme-coffee.co.uk");
    CHECK(companies.of("bob@acme-coffee.co.uk").name() == "Acme Coffee");
    CHECK(companies.of("eve@co.uk").name().empty());
    CHECK(companies.of("eve@github.io").name().empty());
    CHECK(companies.brandfetch().asked().size() == 1);
}

TEST_CASE("look-ups are counted by what came of them") {
    Companies companies;
    companies.brandfetch().answer("acme-coffee.de", http::json(200, brand));
    const std::vector<std::string> down{"one.de", "two.de", "three.de", "four.de"};
    for (const std::string& domain : down) companies.brandfetch().answer(domain, http::json(500, "{}"));
    companies.of("ada@acme-coffee.de");
    companies.of("bob@acme-coffee.de");
    companies.of("ada@nobody.de");
    // After three in a row it is left alone.
    for (const std::string& domain : down) companies.of("ada@" + domain);
    const std::string told = companies.process().metrics();
    const auto count = [&](const std::string& outcome) {
        const std::string line =
            "\ntollgate_enrichment_lookups_total{kind=\"company\",outcome=\"" + outcome + "\"} ";
        const std::size_t at = told.find(line);
        return at == std::string::npos ? -1 : std::stoi(told.substr(at + line.size()));
    };
    CHECK(count("known") == 1);
    CHECK(count("answered") == 2);
    CHECK(count("failed") == 3);
    CHECK(count("left_out") == 1);
    CHECK_THAT(told, Catch::Contains("tollgate_enrichment_lookup_seconds_count{kind=\"company\"} 5"));
}

TEST_CASE("nobody is asked for those who have no company") {
    Companies companies;
    CHECK(companies.of("ada@gmail.com").name().empty());
    CHECK(companies.of("ada@acme.example").name().empty());
    CHECK(companies.of("nonsense").name().empty());
    CHECK(companies.brandfetch().asked().empty());
}

TEST_CASE("that there is no company is kept too, for a while") {
    Companies companies;
    CHECK(companies.of("ada@nobody.de").name().empty());
    CHECK(companies.of("bob@nobody.de").name().empty());
    CHECK(companies.brandfetch().asked_for("nobody.de") == 1);
    CHECK(companies.world().count(
              "enrichment.company where not found and until > now() + interval '6 days'") == 1);
    // It is being read: soon there may be one.
    http::Response queued = http::json(404, "{}");
    queued.headers.add("x-bf-error", "crawl_queued");
    companies.brandfetch().answer("new.de", queued);
    companies.of("ada@new.de");
    CHECK(companies.world().count(
              "enrichment.company where domain = 'new.de' and until < now() + interval '3 minutes'") == 1);
}

TEST_CASE("one that is too old is looked up again") {
    Companies companies;
    companies.brandfetch().answer("acme-coffee.de", http::json(200, brand));
    companies.of("ada@acme-coffee.de");
    companies.world().pipeline().owner().execute(
        "update enrichment.company set until = now() - interval '1 second'");
    CHECK(companies.of("ada@acme-coffee.de").name() == "Acme Coffee");
    CHECK(companies.brandfetch().asked_for("acme-coffee.de") == 2);
    CHECK(companies.world().count("enrichment.company where until > now() + interval '29 days'") == 1);
}

TEST_CASE("who does not answer delays no event beyond the time to wait, and later nobody") {
    Companies companies{"300ms"};
    for (const char* domain : {"a.de", "b.de", "c.de", "d.de"}) companies.brandfetch().be_silent(domain);
    const auto began = std::chrono::steady_clock::now();
    CHECK(companies.of("ada@a.de").name().empty());
    CHECK(companies.of("ada@b.de").name().empty());
    CHECK(companies.of("ada@c.de").name().empty());
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{10});
    CHECK(companies.brandfetch().asked().size() == 3);
    // By now all three have timed out, after which it is left alone.
    REQUIRE(comes_true(
        [&] { return companies.process().log().contains("look-ups fail, and are left for a while"); }));
    CHECK(companies.of("ada@d.de").name().empty());
    CHECK(companies.brandfetch().asked_for("d.de") == 0);
    CHECK(companies.world().work().empty());
}

TEST_CASE("an answer that comes too late for its event is there for the next one") {
    Companies companies{"500ms"};
    companies.brandfetch().be_silent("slow.de");
    CHECK(companies.of("ada@slow.de").name().empty());
    companies.brandfetch().answer("slow.de", http::json(200, brand));
    companies.brandfetch().let_go();
    CHECK(comes_true([&] { return companies.of("ada@slow.de").name() == "Acme Coffee"; }));
    CHECK(companies.brandfetch().asked_for("slow.de") == 1);
}

TEST_CASE("who says that it is too much is asked no more for a while") {
    Companies companies;
    http::Response too_much = http::json(429, R"({"message": "quota_exceeded"})");
    too_much.headers.add("x-bf-error", "quota_exceeded");
    too_much.headers.add("Retry-After", "3600");
    for (const char* domain : {"a.de", "b.de"}) companies.brandfetch().answer(domain, too_much);
    CHECK(companies.of("ada@a.de").name().empty());
    CHECK(companies.of("ada@b.de").name().empty());
    CHECK(companies.brandfetch().asked().size() == 1);
    CHECK(companies.world().count("enrichment.company") == 0);
}

TEST_CASE("an answer that makes no sense is none") {
    Companies companies;
    const auto garbage = GENERATE(as<std::string>{}, "", "<html>", R"({"name": 7, "logos": 3})",
                                  R"({"name": null})", R"({"name": "Bad", "qualityScore": 0.1})",
                                  R"({"name": "Worse", "isNsfw": true})", R"([1, 2])");
    companies.brandfetch().answer("acme.de", http::json(200, garbage));
    const auto company = companies.of("ada@acme.de");
    CHECK(company.name() == (garbage.contains("7") ? "7" : ""));
    CHECK(company.logo_url().empty());
    CHECK(companies.world().work().empty());
}

TEST_CASE("without a key nobody is asked") {
    EnrichmentByJournal world;
    Recorder brandfetch;
    const auto process = world.start({{"TOLLGATE_BRANDFETCH_URL", brandfetch.url()}});
    const archive::Event event = event_of("ada@acme.de");
    world.pipeline().put({event});
    REQUIRE(world.payments(1).size() == 1);
    CHECK_FALSE(world.payment(event.id)->has_company());
    CHECK(brandfetch.asked().empty());
}
