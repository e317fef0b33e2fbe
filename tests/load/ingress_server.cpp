#include "load/ingress_server.hpp"

#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "crypto/keyring.hpp"
#include "load/database.hpp"
#include "providers/catalogue.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"
#include "tenants/sources.hpp"
#include "tenants/tenants.hpp"

namespace tollgate::load {

namespace {

constexpr const char* tenant = "load";
constexpr const char* source = "stripe";

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
        must(tenants::create_tenant(tx, admin, {.slug = tenant}));
        auto created = must(tenants::create_source(
            tx, admin, {.catalogue = catalogue, .keyring = keys}, tenant,
            {.slug = source, .provider = std::string{provider.name}, .secret = tenants::NewSecret{}}));
        return std::move(created.secret->made.value());
    }));
}

double metric(const std::string& text, const std::string& name) {
    const std::size_t found = text.find("\n" + name + " ");
    if (found == std::string::npos) throw std::runtime_error{"ingress has no metric " + name};
    return std::stod(text.substr(found + name.size() + 2));
}

}  // namespace

IngressServer::IngressServer(const Surroundings& surroundings)
    : port_{test::free_port()}, probes_port_{test::free_port()} {
    const std::string keys_file = folder_.path() / "seal.keys";
    std::ofstream{keys_file} << must(crypto::make_key_line("load")).reveal();
    std::filesystem::permissions(keys_file, std::filesystem::perms::owner_read);
    secret_ = make_source(surroundings, must(crypto::Keyring::load(keys_file)));
    // It must not outlive this process, however that ends.
    process_.emplace(
        "/usr/bin/setpriv",
        std::vector<std::string>{"--pdeathsig", "KILL", test::built("tollgate-ingress"), "--http-port",
                                 std::to_string(port_), "--probes-port", std::to_string(probes_port_)},
        test::ChildProcess::Environment{{"TOLLGATE_DATABASE_URL", surroundings.service_database_url},
                                        {"TOLLGATE_SEAL_KEYS_FILE", keys_file}});
    const bool ready = test::wait_until(
        [this] {
            return !process_->running() || test::http_get(probes_port_, "/healthz/ready").status == 200;
        },
        std::chrono::seconds{30});
    if (!ready || !process_->running())
        throw std::runtime_error{"tollgate-ingress is not ready: " + process_->err()};
}

TrafficSettings IngressServer::traffic() const {
    return {.host = fmt::format("127.0.0.1:{}", port_),
            .path = fmt::format("/v1/in/{}/{}", tenant, source),
            .secret = secret_,
            .signed_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

IngressServer::Commits IngressServer::commits() const {
    const std::string text = test::http_get(probes_port_, "/metrics").body;
    return {.requests = metric(text, "tollgate_ingress_batch_requests_sum"),
            .count = metric(text, "tollgate_ingress_batch_requests_count")};
}

}  // namespace tollgate::load
