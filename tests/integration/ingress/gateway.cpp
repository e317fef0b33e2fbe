#include "gateway.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "providers/catalogue.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"
#include "tenants/tenants.hpp"

namespace tollgate::test {

namespace {

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

const tenants::Actor admin{.name = "admin", .role = tenants::Role::admin};

const tenants::Catalogue& catalogue() {
    static const tenants::Catalogue value{
        .check = [](std::string_view, std::string_view,
                    std::span<const tenants::OpenSecret>) -> Result<void> { return {}; },
        .make_secret = [](std::string_view provider) -> Result<Secret> {
            return providers::find(provider)->make_secret();
        }};
    return value;
}

std::string with_number(std::string_view body, std::string_view provider, int number) {
    std::string text{body};
    if (number == 0) return text;
    // The first id in it, whatever the provider calls it.
    const std::string_view mark = provider == "chargify" ? "id=" : "\"id\": \"";
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) throw std::runtime_error{"the sample has no id"};
    text.insert(at + mark.size(), fmt::format("{}", number));
    return text;
}

}  // namespace

std::string Webhook::text() const {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: tollgate\r\n", method, path);
    for (const http::HeaderField field : headers) text += fmt::format("{}: {}\r\n", field.name, field.value);
    if (!headers.contains("Content-Length") && !headers.contains("Transfer-Encoding"))
        text += fmt::format("Content-Length: {}\r\n", body.size());
    return text + "\r\n" + body;
}

Reply parse_reply(std::string_view message) {
    Reply reply;
    const std::size_t end = message.find("\r\n\r\n");
    if (end == std::string_view::npos) return reply;
    reply.body = message.substr(end + 4);
    std::string_view head = message.substr(0, end);
    reply.status = std::stoi(std::string{head.substr(9, 3)});
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos) reply.headers.add(line.substr(0, colon), line.substr(colon + 2));
    }
    return reply;
}

Reply send(std::uint16_t port, const Webhook& webhook) {
    RawConnection connection{port};
    connection.try_send(webhook.text());
    return parse_reply(connection.read_message(webhook.method == "HEAD"));
}

Office::Office(postgres::ConnectionSettings owner) : owner_{std::move(owner)} {
    keys_file_ = folder_.path() / "seal.keys";
    std::ofstream{keys_file_} << must(crypto::make_key_line("test")).reveal();
    std::filesystem::permissions(keys_file_, std::filesystem::perms::owner_read);
    keys_ = must(crypto::Keyring::load(keys_file_));
}

void Office::order(
    const std::function<Result<void>(postgres::Transaction&, const tenants::Actor&)>& verb) const {
    postgres::Connection connection = open(owner_);
    must(transact(connection, [&](postgres::Transaction& tx) {
        tenants::see_all_tenants(tx);
        return verb(tx, admin);
    }));
}

Uuid Office::create_tenant(const std::string& slug) const {
    Uuid id;
    order([&](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        id = must(tenants::create_tenant(tx, actor, {.slug = slug})).id;
        return {};
    });
    return id;
}

tenants::CreatedSource Office::create_source(const std::string& of_tenant, tenants::NewSource wanted,
                                             std::optional<std::string> secret) const {
    std::optional<tenants::CreatedSource> created;
    if (!secret) {
        wanted.secret = tenants::NewSecret{};
    } else if (!secret->empty()) {
        wanted.secret = tenants::NewSecret{.value = Secret{*secret}};
    }
    order([&](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        created = must(tenants::create_source(tx, actor, {.catalogue = catalogue(), .keyring = *keys_},
                                              of_tenant, wanted));
        return {};
    });
    return std::move(*created);
}

namespace {

ChildProcess::Environment with(const Secret& url, const std::string& keys, ChildProcess::Environment more) {
    more["TOLLGATE_DATABASE_URL"] = url.reveal();
    more["TOLLGATE_SEAL_KEYS_FILE"] = keys;
    return more;
}

}  // namespace

IngressProcess::IngressProcess(const Secret& database_url, const std::string& keys_file,
                               ChildProcess::Environment settings)
    : port_{free_port()},
      probes_{free_port()},
      process_{built("tollgate-ingress"),
               {"--http-port", std::to_string(port_), "--probes-port", std::to_string(probes_)},
               with(database_url, keys_file, std::move(settings))} {
    if (!wait_until([&] { return http_get(probes_, "/healthz/ready").status == 200; },
                    std::chrono::seconds{30}))
        throw std::runtime_error{"tollgate-ingress was not ready in time:\n" + process_.err()};
}

std::string IngressProcess::metrics() const {
    return http_get(probes_, "/metrics").body;
}

namespace {

std::string slug_of(std::string provider) {
    std::ranges::replace(provider, '_', '-');
    return provider;
}

}  // namespace

Gateway::Gateway(const std::string& provider_name, const std::string& settings,
                 ChildProcess::Environment environment)
    : database{ingress_schemas},
      office{database.owner()},
      tenant{office.create_tenant("acme")},
      slug{slug_of(provider_name)},
      source_settings{settings},
      provider{*providers::find(provider_name)},
      secret{*office.create_source("acme", {.slug = slug, .provider = provider_name, .settings = settings})
                  .secret->made},
      ingress{database.service("ingress").url, office.keys_file(), std::move(environment)} {}

Gateway::Gateway(const postgres::ConnectionSettings& owner, const Secret& service_url)
    : office{owner},
      tenant{office.create_tenant("acme")},
      slug{"stripe"},
      source_settings{"{}"},
      provider{*providers::find("stripe")},
      secret{*office.create_source("acme", {.provider = "stripe"}).secret->made},
      ingress{service_url, office.keys_file()} {}

Webhook Gateway::webhook() const {
    return webhook(std::string{provider.samples.front().type});
}

Webhook Gateway::webhook(const std::string& type, int number) const {
    for (const providers::Sample& sample : provider.samples) {
        if (sample.type != type) continue;
        const std::string body = with_number(sample.body, provider.name, number);
        auto delivery = must(provider.deliver(source_settings, secret,
                                              {.type = sample.type, .body = body, .headers = sample.headers},
                                              SystemClock{}.now()));
        return {.path = "/v1/in/acme/" + slug,
                .headers = std::move(delivery.headers),
                .body = std::move(delivery.body)};
    }
    throw std::runtime_error{"no sample of " + type};
}

Webhook Gateway::signed_body(std::string body) const {
    auto delivery = must(provider.deliver(
        source_settings, secret,
        {.type = provider.samples.front().type, .body = body, .headers = provider.samples.front().headers},
        SystemClock{}.now()));
    return {.path = "/v1/in/acme/" + slug,
            .headers = std::move(delivery.headers),
            .body = std::move(delivery.body)};
}

}  // namespace tollgate::test
