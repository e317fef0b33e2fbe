// Calls out over http and https to an address that was checked, and says of every failure whether the
// request may have arrived.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/result.hpp"
#include "http/address_policy.hpp"
#include "http/headers.hpp"
#include "http/request.hpp"
#include "http/resolver.hpp"

namespace tollgate::http {

struct ClientRequest {
    Method method = Method::get;
    std::string url;
    Headers headers;  // Host, Content-Length and Connection are the client's own to say
    std::string body;
    std::chrono::milliseconds timeout = std::chrono::seconds{10};  // for all of it
    std::optional<std::size_t> body_bytes_max;                     // of the answer, instead of the client's
    // A longer answer is cut and not an error: for who wants the status and a look at the body.
    bool cut_body = false;
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
    bool body_was_cut = false;
    IpAddress address;  // which answered
};

struct ClientSettings {
    AddressPolicy addresses = public_addresses_only;
    // Which hosts may be called without TLS; none if empty.
    std::function<bool(std::string_view host)> plain_http;
    // Which hosts the deployment's own configuration names: at any address, and without TLS; none if empty.
    std::function<bool(std::string_view host)> internal_host;
    std::string ca_file;  // whom to trust instead of the system's authorities
    std::string user_agent = "tollgate";
    std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};  // resolving, TCP and TLS together
    std::size_t header_bytes_max = std::size_t{32} * 1024;
    std::size_t body_bytes_max = std::size_t{1024} * 1024;
    std::size_t addresses_tried_max = 4;
};

// Whether nothing of the request can have reached the other side, so that sending it again repeats nothing.
//
//   invalid       a URL or header that cannot be sent; http where https is required    never sent
//   forbidden     the policy refuses every address of the host                         never sent
//   overloaded    too many lookups are waiting                                         never sent
//   unavailable   not resolved, not connected, no TLS that we trust, or no time left   never sent
//   in_doubt      written in part or in whole, and no complete answer                  unknown
//   too_large     the answer is beyond its limit                                       arrived
bool was_never_sent(const Error& error);

// Redirects are answers like any other and are not followed. One connection per request. Safe from any
// thread; `fetch` is to be awaited on an executor that runs one thing at a time (IoThreads, a handler), and
// the client must outlive it.
class Client {
public:
    // An error if the CA file cannot be read. A null resolver is the system's.
    static Result<Client> make(ClientSettings settings, std::shared_ptr<Resolver> resolver = nullptr);

    Client(Client&&) noexcept;
    Client& operator=(Client&&) = delete;
    ~Client();

    // Resolves once and connects to just the addresses that the policy allowed.
    boost::asio::awaitable<Result<ClientResponse>> fetch(ClientRequest request) const;

    // Whether `fetch` would connect, by the same rule, with the reasons above; its host in small letters, and
    // the port if it is not the scheme's. What the name leads to later is judged when it is called.
    boost::asio::awaitable<Result<std::string>> check(std::string url) const;
    // As much of it as can be told without asking name servers.
    Result<void> check_form(std::string_view url) const;

private:
    struct Parts;
    struct Reached;
    boost::asio::awaitable<Result<Reached>> reach(std::string url,
                                                  std::chrono::steady_clock::time_point until) const;
    explicit Client(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::http
