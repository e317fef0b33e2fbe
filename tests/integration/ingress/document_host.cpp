#include "document_host.hpp"

#include <stdexcept>

#include "archive/events.hpp"
#include "http/address_policy.hpp"
#include "postgres/transaction.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    return std::move(*result);
}

constexpr std::array<std::string_view, 3> hosts{"https://api.mollie.com", "https://api.paypal.com",
                                                "https://api.sandbox.paypal.com"};

// Where the host is played.
std::string local(const std::string& url, std::uint16_t port) {
    for (const std::string_view host : hosts) {
        if (url.starts_with(host)) return fmt::format("http://127.0.0.1:{}{}", port, url.substr(host.size()));
    }
    throw std::runtime_error{"nobody plays " + url};
}

const ingress::Place& place_of_tenants() {
    return ingress::places().front();
}

}  // namespace

DocumentHost::DocumentHost()
    : server_{[this] {
          http::Router router;
          for (const char* const path : {"/v2/{kind}/{id}", "/v1/notifications/certs/{id}", "/elsewhere"}) {
              router.add(Method::get, path, [seen = seen_](Request request) -> awaitable<Response> {
                  Answer answer;
                  {
                      const std::lock_guard lock{seen->mutex};
                      seen->asked.push_back(fmt::format("{} {}", request.target,
                                                        request.headers.get("Authorization").value_or("-")));
                      answer = seen->answer;
                  }
                  co_return co_await answer(request);
              });
          }
          return must(http::Server::start({}, std::move(router)));
      }()},
      client_{std::make_shared<http::Client>(must(http::Client::make(
          {.addresses = http::any_address, .plain_http = [](std::string_view) { return true; }})))} {}

void DocumentHost::answers(Answer answer) {
    const std::lock_guard lock{seen_->mutex};
    seen_->answer = std::move(answer);
}

void DocumentHost::answers(Response response) {
    answers([response = std::move(response)](const Request&) -> awaitable<Response> { co_return response; });
}

std::vector<std::string> DocumentHost::asked() const {
    const std::lock_guard lock{seen_->mutex};
    return seen_->asked;
}

ingress::Fetch DocumentHost::fetch() const {
    return [client = client_,
            port = server_.port()](http::ClientRequest request) -> awaitable<Result<http::ClientResponse>> {
        request.url = local(request.url, port);
        co_return co_await client->fetch(std::move(request));
    };
}

AskingIngress::AskingIngress(const std::string& provider, const std::string& settings,
                             const std::string& secret, const DocumentHost& host,
                             const ingress::DocumentLimits& limits, const ingress::FailureLimits& failures)
    : slug_{provider} {
    office_.create_tenant("acme");
    office_.create_source("acme", {.slug = slug_, .provider = provider, .settings = settings}, secret);
    registry_.emplace(
        database_.service("ingress"), office_.keys(),
        [](const tenants::Source& source) { return ingress::make_door(source, true); },
        tenants::RegistrySettings{}, metrics_);
    group_commit_.emplace(
        database_.service("ingress"), ingress::GroupCommitSettings{}, [] {}, metrics_, counts_);
    documents_.emplace(host.fetch(), limits);
    limiter_.emplace(failures);
    request_metrics_.emplace(metrics_);
    hearing_.emplace(database_.service("ingress"), ingress::HearingSettings{}, metrics_);
    acceptor_.emplace(ingress::Acceptor::Parts{.registry = *registry_,
                                               .group_commit = *group_commit_,
                                               .documents = *documents_,
                                               .limiter = *limiter_,
                                               .clock = clock,
                                               .is_full = [] { return false; },
                                               .metrics = *request_metrics_,
                                               .hearing = *hearing_},
                      ingress::AcceptSettings{.public_url = "https://hooks.example.com"});
    http::Router router;
    const ingress::Place& place = place_of_tenants();
    router.add(Method::post, std::string{place.pattern},
               [this, &place](Request request) { return acceptor_->accept(place, std::move(request)); },
               {.admit = [this, &place](const Request& head) { return acceptor_->admit(place, head); },
                .broken = [this, &place](const Request& head) { acceptor_->broken(place, head); }});
    server_.emplace(must(
        http::Server::start({.threads = 2, .trusted_proxies = must(http::TrustedProxies::parse("127.0.0.1"))},
                            std::move(router))));
    if (!wait_until([&] { return registry_->directory()->size() == 1; }))
        throw std::runtime_error{"the source was not read in time"};
}

AskingIngress::~AskingIngress() {
    server_->stop(std::chrono::seconds{5});
    group_commit_->close();
    server_.reset();
}

Reply AskingIngress::send(const std::string& body, http::Headers headers, const std::string& address) const {
    headers.set("X-Forwarded-For", address);
    return test::send(server_->port(),
                      {.path = "/v1/in/acme/" + slug_, .headers = std::move(headers), .body = body});
}

std::vector<archive::Event> AskingIngress::events() const {
    postgres::Connection relay = open(database_.service("relay"));
    postgres::Transaction transaction{relay};
    return archive::read(transaction, now().events);
}

}  // namespace tollgate::test
