#include "ingress/config.hpp"

namespace tollgate::ingress {

void Config::declare(process::Settings& settings) {
    declare_server(settings);
    declare_acceptance(settings);
    settings.add("retention.days_ahead", retention.days_ahead, "that are made before they begin", 1, 30);
    settings.add("retention.horizon_days", retention.horizon_days, "that events are kept", 1, 3650);
    settings.add("retention.every", retention.every, "that old days are looked for");
    settings.add("retention.prune_every", retention.prune_every, "that expired keys are looked for");
}

void Config::declare_server(process::Settings& settings) {
    settings.add("http.address", address, "to listen on");
    settings.add("http.port", port, "to listen on");
    settings.add("http.threads", threads, "that serve connections", std::size_t{1}, std::size_t{64});
    settings.add("http.public_url", public_url,
                 "scheme and host as senders see them; some providers sign it");
    settings.add("http.trusted_proxies", trusted_proxies,
                 "networks whose X-Forwarded-For is believed: 10.0.0.0/8");
    settings.add("http.header_bytes_max", header_bytes_max, "of request line and headers");
    settings.add("http.header_timeout", limits.header_timeout, "for the head of a request");
    settings.add("http.body_timeout", limits.body_timeout, "for its body");
    settings.add("http.body_bytes_per_second_min", body_bytes_per_second_min, "at which its body must come");
    settings.add("http.body_grace", limits.body_grace, "that a body may be behind that rate");
    settings.add("http.idle_timeout", limits.idle_timeout, "between two requests of a connection");
    settings.add("http.leave", leave, "at the end, that connections hear of it before idle ones are closed",
                 std::chrono::milliseconds{1}, std::chrono::minutes{1});
    settings.add("http.connections_max", limits.connections_max, "at a time", std::size_t{1},
                 std::size_t{1'000'000});
    settings.add("http.connections_per_address_max", limits.connections_per_address_max,
                 "of one address that is no trusted proxy", std::size_t{1}, std::size_t{1'000'000});
    settings.add("http.requests_in_flight_max", limits.requests_in_flight_max, "at a time", std::size_t{1},
                 std::size_t{1'000'000});
    settings.add("http.bodies_bytes_max", bodies_bytes_max, "of all bodies at a time");
    settings.add("http.bodies_bytes_per_address_max", bodies_bytes_per_address_max,
                 "of one sender's; a trusted proxy's count for whom it forwards");
    settings.add("tls.certificate_file", tls_certificate_file,
                 "PEM, with the intermediates; without it: no TLS");
    settings.add("tls.key_file", tls_key_file, "PEM; both files are read again when they change");
}

void Config::declare_acceptance(process::Settings& settings) {
    settings.add("ingress.events_per_request_max", events_per_request_max, "that one request may bring",
                 std::size_t{1}, std::size_t{100'000});
    settings.add("ingress.committers", commit.committers, "connections that commit", std::size_t{1},
                 std::size_t{64});
    settings.add("ingress.batch_requests_max", commit.batch_requests_max, "in one commit", std::size_t{1},
                 std::size_t{10'000});
    settings.add("ingress.batch_bytes_max", batch_bytes_max, "in one commit");
    settings.add("ingress.queue_requests_max", commit.queue_requests_max, "that wait; beyond: 503",
                 std::size_t{1}, std::size_t{1'000'000});
    settings.add("ingress.tenant_requests_max", commit.tenant_requests_max,
                 "of one tenant that wait; beyond: 429", std::size_t{1}, std::size_t{1'000'000});
    settings.add("ingress.tenant_bytes_max", tenant_bytes_max, "of one tenant that wait; beyond: 429");
    settings.add("ingress.queue_bytes_max", queue_bytes_max, "that wait; beyond: 503");
    settings.add("ingress.commit_deadline", commit.deadline, "for a request to be committed; beyond: 503");
    settings.add("ingress.lock_timeout", lock_timeout, "for a key that another process is taking");
    settings.add("ingress.failures_per_second", failures.per_second,
                 "of one address and source that are looked at; beyond: 429", std::uint32_t{1},
                 std::uint32_t{100'000});
    settings.add("ingress.failures_burst", failures.burst, "likewise, at once", std::uint32_t{1},
                 std::uint32_t{1'000'000});
    settings.add("ingress.failures_known_factor", failures.known_factor,
                 "so many times both where a request was verified in the last day", std::uint32_t{1},
                 std::uint32_t{1'000});
    settings.add("ingress.fetches_per_second", fetches.per_second,
                 "documents for the unverified requests of a source; beyond: 429", std::uint32_t{1},
                 std::uint32_t{10'000});
    settings.add("ingress.fetches_burst", fetches.burst, "likewise, in a row", std::uint32_t{1},
                 std::uint32_t{100'000});
    settings.add("ingress.fetches_at_once_max", fetches.at_once_max, "likewise, at a time", std::uint32_t{1},
                 std::uint32_t{1'000});
    settings.add("ingress.fetches_known_factor", fetches.known_factor,
                 "so many times all three for who was verified in the last day", std::uint32_t{1},
                 std::uint32_t{1'000});
    settings.add("ingress.development", development,
                 "take unsigned test webhooks at .../webhooks/stripe/test");
}

Result<http::TrustedProxies> Config::proxies() const {
    auto read = http::TrustedProxies::parse(trusted_proxies);
    if (!read) return std::unexpected{read.error().within("http.trusted_proxies")};
    return read;
}

Result<AcceptSettings> Config::accepting() const {
    auto trusted = proxies();
    if (!trusted) return std::unexpected{trusted.error()};
    std::string url = public_url;
    if (url.ends_with('/')) url.pop_back();
    if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://")) {
        return fail(ErrorCode::misconfigured, "http.public_url: \"{}\" is not like https://hooks.example.com",
                    url);
    }
    return AcceptSettings{.public_url = std::move(url),
                          .trusted_proxies = std::move(*trusted),
                          .events_per_request_max = events_per_request_max};
}

Result<http::ServerSettings> Config::server() const {
    http::ServerSettings server{.address = address, .port = port, .threads = threads, .limits = limits};
    server.limits.header_bytes_max = header_bytes_max.bytes;
    server.limits.bodies_bytes_max = bodies_bytes_max.bytes;
    server.limits.bodies_bytes_per_address_max = bodies_bytes_per_address_max.bytes;
    server.limits.body_bytes_per_second_min = body_bytes_per_second_min.bytes;
    if (body_bytes_per_second_min.bytes == 0)
        return fail(ErrorCode::misconfigured, "http.body_bytes_per_second_min: must be at least 1B");
    auto trusted = proxies();
    if (!trusted) return std::unexpected{trusted.error()};
    server.trusted_proxies = std::move(*trusted);
    if (tls_certificate_file.empty() != tls_key_file.empty()) {
        return fail(ErrorCode::misconfigured, "{} is given and {} is not: TLS needs both",
                    tls_key_file.empty() ? "tls.certificate_file" : "tls.key_file",
                    tls_key_file.empty() ? "tls.key_file" : "tls.certificate_file");
    }
    if (!tls_key_file.empty())
        server.tls = {.certificate_file = tls_certificate_file, .key_file = tls_key_file};
    return server;
}

GroupCommitSettings Config::committing() const {
    GroupCommitSettings settings = commit;
    settings.batch_bytes_max = batch_bytes_max.bytes;
    settings.queue_bytes_max = queue_bytes_max.bytes;
    settings.tenant_bytes_max = tenant_bytes_max.bytes;
    return settings;
}

}  // namespace tollgate::ingress
