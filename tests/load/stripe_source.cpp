#include "load/stripe_source.hpp"

#include <fstream>

#include "crypto/keyring.hpp"
#include "load/database.hpp"
#include "providers/catalogue.hpp"
#include "tenants/sources.hpp"
#include "tenants/tenants.hpp"

namespace tollgate::load {

namespace {

// Gives its secret.
Secret make_source(const Surroundings& surroundings, const crypto::Keyring& keys) {
    const tenants::Actor admin{.name = "load", .role = tenants::Role::admin};
    const providers::Provider& provider = *providers::find("stripe");
    const tenants::Catalogue catalogue{
        .check = [](auto&&...) { return Result<void>{}; },
        .make_secret = [&provider](std::string_view) { return provider.make_secret(); }};
    postgres::Connection connection = open_database(surroundings, "load");
    return must(postgres::transact(connection, [&](postgres::Transaction& tx) -> Result<Secret> {
        tenants::see_all_tenants(tx);
        must(tenants::create_tenant(tx, admin, {.slug = StripeSource::tenant}));
        auto created = must(tenants::create_source(
            tx, admin, {.catalogue = catalogue, .keyring = keys}, StripeSource::tenant,
            {.slug = "stripe", .provider = std::string{provider.name}, .secret = tenants::NewSecret{}}));
        return std::move(created.secret->made.value());
    }));
}

}  // namespace

StripeSource::StripeSource(const Surroundings& surroundings, const test::TemporaryFolder& folder)
    : keys_file{folder.path() / "seal.keys"} {
    std::ofstream{keys_file} << must(crypto::make_key_line("load")).reveal();
    std::filesystem::permissions(keys_file, std::filesystem::perms::owner_read);
    secret = make_source(surroundings, must(crypto::Keyring::load(keys_file)));
}

}  // namespace tollgate::load
