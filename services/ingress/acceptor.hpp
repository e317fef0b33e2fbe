// One webhook, from its head to its answer: find the source, verify over the raw bytes, identify, commit,
// 200.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/clock.hpp"
#include "http/client_address.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ingress/documents.hpp"
#include "ingress/door.hpp"
#include "ingress/failure_limiter.hpp"
#include "ingress/group_commit.hpp"
#include "ingress/hearing.hpp"
#include "ingress/places.hpp"
#include "ingress/request_metrics.hpp"
#include "telemetry/sparse_line.hpp"
#include "tenants/registry.hpp"

namespace tollgate::ingress {

struct AcceptSettings {
    std::string public_url;  // "https://hooks.example.com", as providers sign it
    http::TrustedProxies trusted_proxies;
    std::size_t events_per_request_max = 1000;
};

class Acceptor {
public:
    // What it asks. All of it outlives the acceptor.
    struct Parts {
        tenants::Registry& registry;
        GroupCommit& group_commit;
        Documents& documents;
        FailureLimiter& limiter;
        const Clock& clock;
        std::function<bool()> is_full;  // whether the journal takes no more
        RequestMetrics& metrics;
        Hearing& hearing;
    };

    Acceptor(Parts parts, AcceptSettings settings)
        : parts_{std::move(parts)}, settings_{std::move(settings)} {}

    // By the head alone: how long its body may be, or the answer instead.
    std::expected<std::uint64_t, http::Response> admit(const Place& place, const http::Request& head);
    // Its body did not come whole: as good as a signature that fits nothing, and cheaper to make.
    void broken(const Place& place, const http::Request& head);
    boost::asio::awaitable<http::Response> accept(const Place& place, http::Request request);

private:
    using Source = std::shared_ptr<const tenants::Source>;
    // The answer, or what vouches for the request.
    using Believed = std::variant<http::Response, providers::Verified>;

    // The source if it is open and can be verified, else the answer.
    std::expected<Source, http::Response> find(const Place& place, const http::Request& request) const;
    boost::asio::awaitable<Believed> believe(const Source& source, const providers::Received& received,
                                             const http::Request& request, providers::Documents& documents);
    http::Response without_document(const Source& source, const http::Request& request, const Error& error);
    void look_for_unknown_proxy(const http::Request& head);
    http::Response refuse(const Source& source, const http::Request& request,
                          const providers::Refused& refused);

    const Parts parts_;
    const AcceptSettings settings_;
    telemetry::SparseLine unknown_proxy_line_;
};

}  // namespace tollgate::ingress
