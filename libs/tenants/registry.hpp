// Every source of every tenant with its open secrets, in memory: what ingress looks into for each request. A
// change is seen within a second; while the database is away, what was read last holds on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/uuid.hpp"
#include "crypto/keyring.hpp"
#include "postgres/connection.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::tenants {

struct OpenSecret {
    Uuid id;
    Secret value;
    Timestamp valid_from;   // Timestamp::min() where the period has no beginning
    Timestamp valid_until;  // Timestamp::max() where it has no end
};

struct Source {
    Uuid id;
    Uuid tenant;
    std::string tenant_slug;
    std::string slug;
    std::string provider;  // its name in the providers' catalogue
    std::string settings;  // a JSON object, the provider's own
    bool enabled = true;   // it and its tenant
    // Those that are not retired, also before and after their period. One that is sealed under an unknown key
    // is not among them.
    std::vector<OpenSecret> secrets;
    std::size_t unopened_secrets = 0;  // that no key of this process opens
    // What `prepare` made of it. The same source unchanged keeps the same one.
    std::shared_ptr<const void> prepared;
};

// All of it at one moment.
class Directory {
public:
    // A source with the names that lead to it without its tenant.
    struct Entry {
        std::shared_ptr<const Source> source;
        std::vector<std::string> aliases;
        std::vector<std::string> school_codes;
    };

    Directory() = default;
    explicit Directory(const std::vector<const Entry*>& entries);

    // Tenant by uuid or slug. Null if there is none. Disabled ones are found.
    std::shared_ptr<const Source> find(std::string_view tenant, std::string_view source) const;
    // The source that a path without a tenant belongs to: "/webhooks/stripe". A slash at its end makes no
    // difference.
    std::shared_ptr<const Source> find_alias(std::string_view path) const;
    // The source that a school's code belongs to; whether it is of the provider in the path is the caller's
    // to look.
    std::shared_ptr<const Source> find_school(std::string_view code) const;

    std::size_t size() const { return size_; }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using Sources = std::unordered_map<std::string, std::shared_ptr<const Source>, Hash, std::equal_to<>>;

    static std::shared_ptr<const Source> find_in(const Sources& sources, std::string_view name);

    std::unordered_map<Uuid, Sources> by_tenant_;  // by slug in each
    std::unordered_map<std::string, Uuid, Hash, std::equal_to<>> tenants_;
    Sources aliases_;
    Sources school_codes_;
    std::size_t size_ = 0;
};

struct RegistrySettings {
    std::chrono::milliseconds look_every{1000};  // for a change, when no notification comes
    std::chrono::milliseconds write_uses_every{10'000};
    std::chrono::milliseconds reconnect_pause_max{5000};
    std::chrono::milliseconds statement_timeout{10'000};  // a server that hangs is left after it
    std::chrono::milliseconds stale_after{60'000};        // without a look, check() fails
};

class Loader;
class Uses;

class Registry {
public:
    // Called on the registry's thread for each source that is new or changed; what it throws is logged, and
    // is null.
    using Prepare = std::function<std::shared_ptr<const void>(const Source& source)>;

    // Begins to read at once, on a thread and a connection of its own. The connection's role is
    // tollgate_ingress.
    Registry(postgres::ConnectionSettings connection, crypto::Keyring keyring, Prepare prepare,
             const RegistrySettings& settings, telemetry::Metrics& metrics);
    // Writes the uses that are not written yet.
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // Never null; empty until it was read.
    std::shared_ptr<const Directory> directory() const;
    // That a secret vouched for a request. Only notes it; written to the database now and then, in the
    // background.
    void used(const Uuid& secret, Timestamp at);
    // For readiness: it has been read, and not too long ago.
    Result<void> check() const;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run(const std::stop_token& stop);
    void follow(const std::stop_token& stop);
    void look(postgres::Connection& connection);
    void wait_for_change(postgres::Connection& connection, SteadyTime looked,
                         const std::stop_token& stop) const;
    void write_last_uses();
    void tell(const Error& error);

    const postgres::ConnectionSettings connection_settings_;
    const RegistrySettings settings_;
    telemetry::Gauge& sources_;
    telemetry::Gauge& unopened_;
    telemetry::Gauge& secrets_end_;
    telemetry::Histogram& reading_;
    const std::unique_ptr<Loader> loader_;
    const std::unique_ptr<Uses> uses_;
    std::string told_;  // so that one trouble is one line in the log

    // Held for as long as a pointer is copied.
    mutable std::mutex mutex_;
    std::shared_ptr<const Directory> directory_ = std::make_shared<const Directory>();
    std::optional<SteadyTime> read_at_;

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::tenants
