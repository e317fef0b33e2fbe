// How long the registry takes to read ten thousand sources, and until a change is seen, beside asking the
// database for each request.
#include <stdexcept>
#include <vector>

#include "load/benchmarks.hpp"
#include "load/database.hpp"
#include "load/measure.hpp"
#include "postgres/migrate.hpp"
#include "tenants/registry.hpp"
#include "tenants/schema.hpp"
#include "tenants/sources.hpp"
#include "tenants/tenants.hpp"

namespace tollgate::load {

namespace {

using postgres::Connection;
using postgres::Transaction;

constexpr int tenants_count = 1000;
constexpr int sources_per_tenant = 10;
constexpr int changes = 21;
constexpr int finds = 1'000'000;

const tenants::Actor admin{.name = "load", .role = tenants::Role::admin, .tenants = {}};

const tenants::Catalogue& catalogue() {
    static const tenants::Catalogue value{
        .check = [](auto, auto, auto) -> Result<void> { return {}; },
        .make_secret = [](auto) -> Result<Secret> { return Secret{"whsec_0123456789abcdef0123456789"}; }};
    return value;
}

std::string tenant_slug(int number) {
    return fmt::format("tenant-{}", number);
}

std::string source_slug(int number) {
    return fmt::format("source-{}", number);
}

// As operators would, but many in a transaction.
void fill(Connection& connection, const crypto::Keyring& keys) {
    for (int tenant = 0; tenant < tenants_count; ++tenant) {
        must(transact(connection, [&](Transaction& tx) -> Result<void> {
            const std::string slug = tenant_slug(tenant);
            if (const auto made = create_tenant(tx, admin, {.slug = slug, .name = ""}); !made)
                return std::unexpected{made.error()};
            for (int source = 0; source < sources_per_tenant; ++source) {
                const auto made = create_source(tx, admin, {catalogue(), keys}, slug,
                                                {.slug = source_slug(source),
                                                 .provider = "stripe",
                                                 .aliases = {fmt::format("/hooks/{}/{}", tenant, source)},
                                                 .secret = tenants::NewSecret{}});
                if (!made) return std::unexpected{made.error()};
            }
            return {};
        }));
    }
}

template <typename Condition>
double seconds_until(const Condition& condition) {
    return seconds_per_operation(1, [&] {
        while (!condition()) pause_until(std::chrono::steady_clock::now() + std::chrono::microseconds{200});
    });
}

// From the commit of a change until the registry has it.
double seconds_until_seen(Connection& operators, const tenants::Registry& registry) {
    std::vector<double> each;
    for (int change = 0; change < changes; ++change) {
        // One by one: many that come together are read together, after a while.
        pause_until(std::chrono::steady_clock::now() + std::chrono::milliseconds{600});
        const std::string tenant = tenant_slug(change);
        must(transact(operators,
                      [&](Transaction& tx) { return disable_source(tx, admin, tenant, source_slug(3)); }));
        each.push_back(
            seconds_until([&] { return !registry.directory()->find(tenant, source_slug(3))->enabled; }));
    }
    return median(std::move(each));
}

double seconds_of_find(const tenants::Registry& registry) {
    int number = 0;
    return seconds_per_operation(finds, [&] {
        const std::string tenant = tenant_slug(++number % tenants_count);
        if (registry.directory()->find(tenant, "source-5") == nullptr) throw std::runtime_error{"not found"};
    });
}

double seconds_of_query(Connection& ingress) {
    int number = 0;
    return seconds_per_operation(finds / 100, [&] {
        const auto rows = ingress.execute(
            "select x.sealed from tenants.tenant t join tenants.source s using (tenant) "
            "join tenants.secret x using (tenant, source) where t.slug = $1 and s.slug = 'source-5'",
            tenant_slug(++number % tenants_count));
        if (rows.empty()) throw std::runtime_error{"not found"};
    });
}

Figure figure(const char* name, double value, const char* unit, std::optional<double> baseline,
              std::optional<double> goal) {
    return {.name = name,
            .value = value,
            .unit = unit,
            .better = Better::lower,
            .baseline = baseline,
            .goal = goal};
}

}  // namespace

Result<Figures> registry(const Surroundings& surroundings) {
    const auto keys = crypto::Keyring::parse(must(crypto::make_key_line("k1")).reveal(), "keys");
    if (!keys) return std::unexpected{keys.error()};
    {
        Connection owner = open_database(surroundings, "migrate");
        const postgres::Schema* const schemas[] = {&postgres::schema(), &tenants::schema()};
        must(postgres::migrate(owner, schemas, [](const std::string&) {}));
        const auto login = must(Connection::open({.url = Secret{surroundings.service_database_url}}))
                               .execute("select session_user::text")
                               .only()
                               .get<std::string>(0);
        must(postgres::grant_roles(owner, login));
        fill(owner, *keys);
        owner.execute_script("analyze tenants.tenant, tenants.source, tenants.alias, tenants.secret");
    }
    const auto settings = [&](const char* role) {
        return postgres::ConnectionSettings{.url = Secret{surroundings.service_database_url}, .role = role};
    };
    telemetry::Metrics metrics;
    std::optional<tenants::Registry> running;
    const double first = seconds_per_operation(1, [&] {
        running.emplace(settings("tollgate_ingress"), *keys, nullptr, tenants::RegistrySettings{}, metrics);
        seconds_until([&] { return running->check().has_value(); });
    });
    Connection operators = must(Connection::open(settings("tollgate_operator")));
    Connection ingress = must(Connection::open(settings("tollgate_ingress")));
    Figures figures;
    figures.push_back(figure("10,000 sources read and opened, with connecting", first, "s", std::nullopt, 1));
    figures.push_back(figure("a change of one of them seen", seconds_until_seen(operators, *running) * 1e3,
                             "ms", std::nullopt, 1000));
    figures.push_back(figure("a source found, against a query for it", seconds_of_find(*running) * 1e6, "us",
                             seconds_of_query(ingress) * 1e6, std::nullopt));
    return figures;
}

}  // namespace tollgate::load
