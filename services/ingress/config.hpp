// The settings of ingress: [http], [tls], [ingress] and [retention].
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "core/result.hpp"
#include "http/server.hpp"
#include "ingress/acceptor.hpp"
#include "ingress/failure_limiter.hpp"
#include "ingress/fetch_budget.hpp"
#include "ingress/group_commit.hpp"
#include "ingress/retention.hpp"
#include "process/settings.hpp"

namespace tollgate::ingress {

struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    // Each of them keeps a core busy, and the database and the committers need some too.
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency() / 2);
    std::string public_url;
    std::string trusted_proxies;
    std::string tls_certificate_file;
    std::string tls_key_file;
    http::ServerLimits limits{.requests_in_flight_max = 4096};
    std::chrono::milliseconds leave{std::chrono::seconds{1}};
    process::ByteSize header_bytes_max{std::uint64_t{32} << 10U};
    process::ByteSize bodies_bytes_max{std::uint64_t{256} << 20U};
    process::ByteSize bodies_bytes_per_address_max{std::uint64_t{64} << 20U};
    process::ByteSize body_bytes_per_second_min{std::uint64_t{8} << 10U};
    std::size_t events_per_request_max = 1000;
    GroupCommitSettings commit;
    process::ByteSize batch_bytes_max{std::uint64_t{8} << 20U};
    process::ByteSize tenant_bytes_max{std::uint64_t{32} << 20U};
    process::ByteSize queue_bytes_max{std::uint64_t{64} << 20U};
    std::chrono::milliseconds lock_timeout{500};
    FailureLimits failures;
    FetchLimits fetches;
    RetentionSettings retention;
    bool development = false;

    void declare(process::Settings& settings);

    Result<http::TrustedProxies> proxies() const;
    Result<AcceptSettings> accepting() const;
    Result<http::ServerSettings> server() const;
    GroupCommitSettings committing() const;

private:
    void declare_server(process::Settings& settings);
    void declare_acceptance(process::Settings& settings);
};

}  // namespace tollgate::ingress
