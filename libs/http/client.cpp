#include "http/client.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include "http/destination.hpp"
#include "http/exchange.hpp"
#include "http/io_threads.hpp"

namespace tollgate::http {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::awaitable;

namespace {

using TimePoint = std::chrono::steady_clock::time_point;
using Addresses = std::vector<IpAddress>;

Result<ssl::context> make_context(const std::string& ca_file) {
    ssl::context context{ssl::context::tls_client};
    boost::system::error_code error;
    context.set_verify_mode(ssl::verify_peer, error);
    if (!error && ca_file.empty()) context.set_default_verify_paths(error);
    if (!error && !ca_file.empty()) context.load_verify_file(ca_file, error);
    if (error) {
        return fail(ErrorCode::misconfigured, "the certificate authorities in {} cannot be used: {}",
                    ca_file.empty() ? "the system's place" : ca_file, error.message());
    }
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
        return fail(ErrorCode::misconfigured, "OpenSSL does not take TLS 1.2 as the least version");
    }
    return context;
}

bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{"Connection", "Content-Length", "Host",
                                                    "Transfer-Encoding"};
    return std::ranges::any_of(names,
                               [&](std::string_view known) { return equal_ignoring_case(name, known); });
}

Result<std::string> format_head(const ClientRequest& request, const Destination& destination,
                                std::string_view user_agent) {
    if (request.method == Method::other) return fail(ErrorCode::invalid, "a request needs a method");
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                   name(request.method), destination.target, destination.authority);
    const bool takes_body =
        request.method == Method::post || request.method == Method::put || request.method == Method::patch;
    if (takes_body || !request.body.empty())
        head += fmt::format("Content-Length: {}\r\n", request.body.size());
    Headers headers = request.headers;
    if (!headers.contains("User-Agent")) headers.add("User-Agent", user_agent);
    if (!headers.contains("Accept-Encoding")) headers.add("Accept-Encoding", "identity");
    for (const HeaderField field : headers) {
        if (!is_sendable(field) || is_reserved(field.name)) {
            return fail(ErrorCode::invalid, "the header \"{}\" cannot be sent", field.name);
        }
        head += fmt::format("{}: {}\r\n", field.name, field.value);
    }
    return head + "\r\n";
}

// A lookup cannot be cancelled, only abandoned: then it fills this, and nobody reads it.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : ended{executor} {}

    asio::steady_timer ended;
    std::optional<Result<Addresses>> found;
};

awaitable<void> run(std::shared_ptr<Lookup> lookup, std::shared_ptr<Resolver> resolver, std::string host) {
    lookup->found = co_await resolver->resolve(std::move(host));
    lookup->ended.cancel();
}

awaitable<Result<Addresses>> resolve(const std::shared_ptr<Resolver>& resolver, const std::string& host,
                                     TimePoint until) {
    const auto literal = IpAddress::parse(host);
    if (literal) co_return Addresses{*literal};
    const auto executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->ended.expires_at(until);
    spawn(executor, run(lookup, resolver, host), "resolve");
    boost::system::error_code error;
    if (!lookup->found) co_await lookup->ended.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!lookup->found) co_return fail(ErrorCode::unavailable, "the host {} was not resolved in time", host);
    co_return *lookup->found;
}

// Those that the policy allows: only these are ever connected to.
Result<Addresses> allowed(const Addresses& addresses, const AddressPolicy& policy, const std::string& host,
                          std::size_t limit) {
    Addresses good;
    std::string refusal = "it has no address";
    for (const IpAddress& address : addresses) {
        const Result<void> verdict = policy(address);
        if (!verdict) refusal = verdict.error().detail;
        if (verdict && good.size() < limit) good.push_back(address);
    }
    if (good.empty()) return fail(ErrorCode::forbidden, "{} may not be called: {}", host, refusal);
    return good;
}

}  // namespace

struct Client::Parts {
    ClientSettings settings;
    std::shared_ptr<Resolver> resolver;
    ssl::context context;

    bool is_internal(const std::string& host) const {
        return settings.internal_host && settings.internal_host(host);
    }

    // Where the URL leads, if that may be called as it says.
    Result<Destination> destination(std::string_view url) const {
        auto destination = Destination::parse(url);
        if (!destination || destination->tls) return destination;
        const bool plain_allowed = settings.plain_http && settings.plain_http(destination->host);
        if (plain_allowed || is_internal(destination->host)) return destination;
        return fail(ErrorCode::invalid, "{} may only be called over https", destination->host);
    }
};

Client::Client(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::make(ClientSettings settings, std::shared_ptr<Resolver> resolver) {
    auto context = make_context(settings.ca_file);
    if (!context) return std::unexpected{context.error()};
    if (!resolver) resolver = std::make_shared<SystemResolver>();
    return Client{std::make_unique<Parts>(std::move(settings), std::move(resolver), std::move(*context))};
}

struct Client::Reached {
    Destination destination;
    Addresses addresses;
};

awaitable<Result<Client::Reached>> Client::reach(std::string url, TimePoint until) const {
    const ClientSettings& settings = parts_->settings;
    auto destination = parts_->destination(url);
    if (!destination) co_return std::unexpected{destination.error()};
    const auto found = co_await resolve(parts_->resolver, destination->host, until);
    if (!found) co_return std::unexpected{found.error()};
    auto addresses =
        allowed(*found, parts_->is_internal(destination->host) ? any_address : settings.addresses,
                destination->host, settings.addresses_tried_max);
    if (!addresses) co_return std::unexpected{addresses.error()};
    co_return Reached{.destination = std::move(*destination), .addresses = std::move(*addresses)};
}

Result<void> Client::check_form(std::string_view url) const {
    if (const auto destination = parts_->destination(url); !destination)
        return std::unexpected{destination.error()};
    return {};
}

awaitable<Result<std::string>> Client::check(std::string url) const {
    const auto reached =
        co_await reach(std::move(url), std::chrono::steady_clock::now() + parts_->settings.connect_timeout);
    if (!reached) co_return std::unexpected{reached.error()};
    co_return reached->destination.origin();
}

awaitable<Result<ClientResponse>> Client::fetch(ClientRequest request) const {
    const ClientSettings& settings = parts_->settings;
    const TimePoint now = std::chrono::steady_clock::now();
    const TimePoint until = now + request.timeout;
    const TimePoint connected_until = std::min(until, now + settings.connect_timeout);

    const auto reached = co_await reach(request.url, connected_until);
    if (!reached) co_return std::unexpected{reached.error()};
    const Destination& destination = reached->destination;
    const auto head = format_head(request, destination, settings.user_agent);
    if (!head) co_return std::unexpected{head.error()};

    const auto executor = co_await asio::this_coro::executor;
    Exchange exchange{executor,
                      destination,
                      {.header_bytes_max = settings.header_bytes_max,
                       .body_bytes_max = request.body_bytes_max.value_or(settings.body_bytes_max),
                       .cut_body = request.cut_body}};
    const auto connected = co_await exchange.connect(reached->addresses, connected_until);
    if (!connected) co_return std::unexpected{connected.error()};
    if (destination.tls) {
        const auto secured = co_await exchange.secure(parts_->context, connected_until);
        if (!secured) co_return std::unexpected{secured.error()};
    }
    co_return co_await exchange.send(*head, request, until);
}

bool was_never_sent(const Error& error) {
    return error.code != ErrorCode::in_doubt && error.code != ErrorCode::too_large;
}

}  // namespace tollgate::http
