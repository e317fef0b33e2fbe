#include <catch2/catch.hpp>

#include "tenants/registry.hpp"

using namespace tollgate;
using namespace tollgate::tenants;

namespace {

Directory::Entry entry(const Uuid& tenant, const std::string& tenant_slug, const std::string& slug,
                       std::vector<std::string> aliases = {}) {
    return {.source = std::make_shared<const Source>(Source{.id = make_uuid_v7(),
                                                            .tenant = tenant,
                                                            .tenant_slug = tenant_slug,
                                                            .slug = slug,
                                                            .provider = "stripe",
                                                            .settings = "{}",
                                                            .secrets = {},
                                                            .prepared = nullptr}),
            .aliases = std::move(aliases),
            .school_codes = {}};
}

}  // namespace

TEST_CASE("an empty directory finds nothing") {
    const Directory directory;
    CHECK(directory.find("acme", "shop") == nullptr);
    CHECK(directory.find("", "") == nullptr);
    CHECK(directory.find_alias("") == nullptr);
    CHECK(directory.find_alias("/") == nullptr);
    CHECK(directory.find_school("") == nullptr);
    CHECK(directory.size() == 0);
}

TEST_CASE("two tenants have sources of one name, each its own") {
    const Uuid acme = make_uuid_v7();
    const Uuid beta = make_uuid_v7();
    const Directory::Entry shop = entry(acme, "acme", "shop", {"/a"});
    const Directory::Entry till = entry(acme, "acme", "till");
    const Directory::Entry other = entry(beta, "beta", "shop", {"/b"});
    const Directory directory{{&shop, &till, &other}};
    CHECK(directory.size() == 3);
    CHECK(directory.find("acme", "shop") == shop.source);
    CHECK(directory.find(acme.text(), "till") == till.source);
    CHECK(directory.find("beta", "shop") == other.source);
    CHECK(directory.find(beta.text(), "till") == nullptr);
    CHECK(directory.find_alias("/b") == other.source);
    CHECK(directory.find_alias("/b/") == other.source);
    // The name of one with the id's look of another is no way in.
    CHECK(directory.find(make_uuid_v7().text(), "shop") == nullptr);
}
