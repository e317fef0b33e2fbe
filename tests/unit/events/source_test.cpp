#include "events/source.hpp"

#include <catch2/catch.hpp>

#include "events/schema_version.hpp"

using namespace tollgate::events;

TEST_CASE("a source goes to its text and back in both stages") {
    const std::string received = "/tenants/018f3b1c-7c5a-7000-8000-000000000001/sources/stripe-eu";
    for (const std::string& text : {received, received + "/enrichment"}) {
        const auto source = Source::parse(text);
        REQUIRE(source);
        CHECK(source->text() == text);
        CHECK(source->slug == "stripe-eu");
        CHECK((source->stage == Stage::enriched) == (text != received));
    }
}

TEST_CASE("what is no source is refused") {
    const std::string tenant = "/tenants/018f3b1c-7c5a-7000-8000-000000000001";
    for (const std::string& text :
         {std::string{}, std::string{"/"}, std::string{"/tenants/"}, tenant, tenant + "/sources",
          tenant + "/sources/", tenant + "/sources//enrichment", tenant + "/sources/Stripe",
          tenant + "/sources/stripe/", tenant + "/sources/stripe/enrichment/",
          tenant + "/sources/stripe/billing", tenant + "x/sources/stripe", "x" + tenant + "/sources/stripe",
          std::string{"/tenants/platform/sources/stripe"}}) {
        INFO(text);
        CHECK_FALSE(Source::parse(text));
    }
}

TEST_CASE("a slug is up to 39 of a-z and 0-9 and inner hyphens") {
    CHECK(is_slug("a"));
    CHECK(is_slug("0-9"));
    CHECK(is_slug(std::string(39, 'a')));
    CHECK_FALSE(is_slug(std::string(40, 'a')));
    for (const std::string_view text : {"", "-a", "A", "a_b", "a/b", "a b", "\xc3\xa4"}) {
        INFO(text);
        CHECK_FALSE(is_slug(text));
    }
}

TEST_CASE("versions are ordered by number and only a newer major one has to wait") {
    CHECK(SchemaVersion::parse("1.10").value() > SchemaVersion::parse("1.9").value());
    CHECK(SchemaVersion::parse("1.10")->text() == "1.10");
    CHECK_FALSE(is_newer_major(SchemaVersion::parse("1.0").value()));
    CHECK_FALSE(is_newer_major(SchemaVersion::parse("1.999").value()));
    CHECK(is_newer_major(SchemaVersion::parse("2.0").value()));
}

TEST_CASE("what is no version is refused") {
    for (const std::string_view text : {"", "1", "1.", ".1", "1.0.0", "v1.0", "1.0-beta", "01.0", "1.00",
                                        "-1.0", "+1.0", " 1.0", "1.0 ", "0.9", "4294967296.0", "1,0"}) {
        INFO(text);
        CHECK_FALSE(SchemaVersion::parse(text));
    }
}
