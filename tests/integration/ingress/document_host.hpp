// Ingress in this process, and the hosts of providers that it asks for documents, played on 127.0.0.1.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "ingress/acceptor.hpp"

namespace tollgate::test {

// Answers whatever is asked for below https://api.mollie.com and https://*.paypal.com.
class DocumentHost {
public:
    using Answer = std::function<boost::asio::awaitable<http::Response>(const http::Request&)>;

    DocumentHost();

    void answers(Answer answer);
    // The same answer each time.
    void answers(http::Response response);
    std::vector<std::string> asked() const;  // the targets, with what authorization: "/v2/... Bearer x"
    ingress::Fetch fetch() const;

private:
    struct Seen {
        mutable std::mutex mutex;
        Answer answer;
        std::vector<std::string> asked;
    };

    std::shared_ptr<Seen> seen_ = std::make_shared<Seen>();
    http::Server server_;
    std::shared_ptr<http::Client> client_;
};

struct FixedClock final : Clock {
    Timestamp now() const override { return time; }
    Timestamp time = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
};

// A tenant "acme" with a source of that provider, with this secret.
class AskingIngress {
public:
    AskingIngress(const std::string& provider, const std::string& settings, const std::string& secret,
                  const DocumentHost& host, const ingress::DocumentLimits& limits = {},
                  const ingress::FailureLimits& failures = {});
    ~AskingIngress();

    // As from that address, which 127.0.0.1 is trusted to forward for.
    Reply send(const std::string& body, http::Headers headers = {},
               const std::string& address = "192.0.2.1") const;
    Stored now() const { return stored(database_.owner()); }
    std::vector<archive::Event> events() const;
    std::string metrics() const { return metrics_.text(); }

    FixedClock clock;

private:
    Database database_{ingress_schemas};
    Office office_{database_.owner()};
    std::string slug_;
    telemetry::Metrics metrics_;
    ingress::AnswerCounts counts_{clock};
    std::optional<tenants::Registry> registry_;
    std::optional<ingress::GroupCommit> group_commit_;
    std::optional<ingress::Documents> documents_;
    std::optional<ingress::FailureLimiter> limiter_;
    std::optional<ingress::RequestMetrics> request_metrics_;
    std::optional<ingress::Hearing> hearing_;
    std::optional<ingress::Acceptor> acceptor_;
    std::optional<http::Server> server_;
};

}  // namespace tollgate::test
