// `tollgate-ingress` as a process, on a database with tenants and sources, and a sender who knows their
// secrets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fixtures.hpp"
#include "http/headers.hpp"
#include "providers/provider.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include "tenants/sources.hpp"

namespace tollgate::test {

struct Reply {
    int status = 0;
    http::Headers headers;
    std::string body;
};

// What is sent as it stands: a request line, headers, and a body whose length is told unless a header tells
// it.
struct Webhook {
    std::string path;
    http::Headers headers;
    std::string body;
    std::string method = "POST";

    std::string text() const;
};

Reply parse_reply(std::string_view message);
// On a connection of its own.
Reply send(std::uint16_t port, const Webhook& webhook);

// What tenants there are, and the keys that their secrets are sealed with.
class Office {
public:
    explicit Office(postgres::ConnectionSettings owner);
    Office& operator=(const Office&) = delete;

    Uuid create_tenant(const std::string& slug) const;
    // With a secret of the provider's kind, which is given back; none if `secret` is empty.
    tenants::CreatedSource create_source(const std::string& tenant, tenants::NewSource wanted,
                                         std::optional<std::string> secret = std::nullopt) const;
    // Any verb, as an admin of the platform.
    void order(const std::function<Result<void>(postgres::Transaction&, const tenants::Actor&)>& verb) const;

    const std::string& keys_file() const { return keys_file_; }
    const crypto::Keyring& keys() const { return *keys_; }

private:
    const postgres::ConnectionSettings owner_;
    TemporaryFolder folder_;
    std::string keys_file_;
    std::optional<crypto::Keyring> keys_;
};

class IngressProcess {
public:
    // Ready when constructed.
    IngressProcess(const Secret& database_url, const std::string& keys_file,
                   ChildProcess::Environment settings = {});

    std::uint16_t port() const { return port_; }
    Reply send(const Webhook& webhook) const { return test::send(port_, webhook); }
    std::string metrics() const;
    ChildProcess& process() { return process_; }

private:
    std::uint16_t port_;
    std::uint16_t probes_;
    ChildProcess process_;
};

// A tenant "acme" with a source of that provider, and a process that takes its webhooks.
class Gateway {
public:
    explicit Gateway(const std::string& provider = "stripe", const std::string& settings = "{}",
                     ChildProcess::Environment environment = {});

    // The same with "stripe", on a server of the test's own.
    Gateway(const postgres::ConnectionSettings& owner, const Secret& service_url);

    // A sample of the provider's, signed; another id for each number.
    Webhook webhook(const std::string& type, int number = 0) const;
    Webhook webhook() const;
    // The same with another body.
    Webhook signed_body(std::string body) const;
    Reply send(const Webhook& webhook) const { return ingress.send(webhook); }
    Stored now() const { return stored(database.owner()); }

    Database database;  // not the one that is used on a server of its own
    Office office;
    Uuid tenant;
    std::string slug;
    std::string source_settings;
    const providers::Provider& provider;
    Secret secret;
    IngressProcess ingress;
};

}  // namespace tollgate::test
