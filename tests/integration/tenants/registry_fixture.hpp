// A running registry, and a tenant with a source.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "fixtures.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

// Prepares nothing but a number of its own each time.
struct Prepared {
    int number;
};

class Running {
public:
    explicit Running(const postgres::ConnectionSettings& connection,
                     const tenants::RegistrySettings& settings = {}, const crypto::Keyring& keys = keyring())
        : registry_{std::make_unique<tenants::Registry>(
              connection, keys,
              [this](const tenants::Source& source) -> std::shared_ptr<const void> {
                  if (source.slug == "broken") throw std::runtime_error{"a broken provider"};
                  return std::make_shared<const Prepared>(Prepared{++prepared_});
              },
              settings, metrics_)} {}

    tenants::Registry& operator*() { return *registry_; }
    tenants::Registry* operator->() { return registry_.get(); }
    void stop() { registry_.reset(); }

    std::shared_ptr<const tenants::Source> find(const std::string& tenant, const std::string& source) {
        return registry_->directory()->find(tenant, source);
    }
    bool becomes(const std::function<bool(const tenants::Directory&)>& condition,
                 std::chrono::milliseconds deadline = std::chrono::seconds{10}) {
        return wait_until([&] { return condition(*registry_->directory()); }, deadline);
    }
    bool read() {
        return wait_until([&] { return registry_->check().has_value(); });
    }
    int prepared() const { return prepared_; }
    // Once it is told.
    bool tells(const std::string& line) {
        return wait_until([&] { return metrics_.text().contains("\n" + line + "\n"); });
    }

private:
    telemetry::Metrics metrics_;
    std::atomic<int> prepared_ = 0;
    std::unique_ptr<tenants::Registry> registry_;
};

struct RegisteredShop : Tenants {
    RegisteredShop() {
        id = tenant("acme").id;
        created = source("acme", {.slug = "shop",
                                  .aliases = {"/webhooks/stripe"},
                                  .school_codes = {"SCH-1"},
                                  .secret = tenants::NewSecret{.value = Secret{"s3cr3t"}}});
    }
    Uuid id;
    tenants::CreatedSource created;
};

}  // namespace tollgate::test
