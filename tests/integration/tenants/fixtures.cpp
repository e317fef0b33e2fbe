#include "fixtures.hpp"

#include <algorithm>

#include "crypto/base64.hpp"
#include "tenants/audit.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using postgres::Transaction;

const std::vector<const postgres::Schema*> tenants_schemas{&postgres::schema(), &tenants::schema()};

crypto::Keyring keyring(const std::vector<std::string>& ids) {
    constexpr std::size_t key_bytes = 32;
    std::string text;
    for (const std::string& id : ids) {
        std::string bytes = id;
        bytes.resize(key_bytes, '.');
        text += fmt::format("{} {}\n", id, crypto::base64_encode(bytes));
    }
    return must(crypto::Keyring::parse(text, "keys"));
}

const tenants::Catalogue& catalogue() {
    static const tenants::Catalogue providers{
        .check = [](std::string_view provider, std::string_view settings,
                    std::span<const tenants::OpenSecret> secrets) -> Result<void> {
            if (provider != "stripe" && provider != "generic")
                return fail(ErrorCode::invalid, "there is no provider \"{}\"", provider);
            if (settings.contains("\"bad\"")) return fail(ErrorCode::invalid, "settings: bad is unknown");
            for (const tenants::OpenSecret& secret : secrets) {
                if (secret.value.reveal().starts_with("bad"))
                    return fail(ErrorCode::invalid, "that is no secret of {}", provider);
            }
            return {};
        },
        .make_secret = [](std::string_view provider) -> Result<Secret> {
            return Secret{fmt::format("whsec_{}_{}", provider, make_uuid_v4())};
        }};
    return providers;
}

tenants::Actor admin() {
    return {.name = "ann", .role = tenants::Role::admin, .tenants = {}};
}

tenants::Actor limited(tenants::Role role, std::vector<Uuid> tenants) {
    return {.name = "lim", .role = role, .tenants = std::move(tenants)};
}

postgres::ConnectionSettings Tenants::settings(const std::string& service) const {
    auto settings = database_.service(service);
    settings.statement_timeout = std::chrono::minutes{1};
    settings.lock_timeout = std::chrono::minutes{1};
    settings.idle_in_transaction_timeout = std::chrono::minutes{1};
    return settings;
}

tenants::Tenant Tenants::tenant(const std::string& slug) {
    return must(run([&](Transaction& tx) { return create_tenant(tx, admin(), {.slug = slug, .name = ""}); }));
}

tenants::CreatedSource Tenants::source(const std::string& tenant, tenants::NewSource wanted,
                                       const crypto::Keyring& keys) {
    if (wanted.provider.empty()) wanted.provider = "stripe";
    return must(run(
        [&](Transaction& tx) { return create_source(tx, admin(), {catalogue(), keys}, tenant, wanted); }));
}

tenants::AddedSecret Tenants::secret(const std::string& tenant, const std::string& source,
                                     tenants::NewSecret wanted, const crypto::Keyring& keys) {
    return must(run([&](Transaction& tx) {
        return add_secret(tx, admin(), {catalogue(), keys}, tenant, source, wanted);
    }));
}

std::vector<std::string> Tenants::verbs() {
    std::vector<std::string> verbs;
    for (const auto& entry : must(run([](Transaction& tx) { return list_audit(tx, admin(), {}); })))
        verbs.push_back(entry.verb);
    return verbs;
}

bool refused(const postgres::ConnectionSettings& settings, const std::string& sql,
             const std::string& tenant_setting) {
    postgres::Connection connection = open(settings);
    const auto done = transact(connection, [&](Transaction& tx) {
        if (!tenant_setting.empty())
            tx.execute("select set_config('tollgate.tenant', $1, true)", tenant_setting);
        connection.execute_script(sql);
    });
    if (done) return false;
    if (!done.error().detail.contains("42501")) throw std::runtime_error{done.error().text()};
    return true;
}

}  // namespace tollgate::test
