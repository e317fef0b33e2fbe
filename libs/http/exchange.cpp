#include "http/exchange.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/chunks.hpp"
#include "http/transport.hpp"

namespace tollgate::http {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// A peer that sends more of "100 Continue" and its kind is not going to answer.
constexpr int interim_answers_max = 8;

// What the certificate must be for. A name in a URL may end in a dot, in a certificate it does not.
bool expect_host(SSL* tls, std::string host) {
    if (IpAddress::parse(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
    if (host.ends_with('.')) host.pop_back();
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(tls, host.c_str()) == 1 && SSL_set1_host(tls, host.c_str()) == 1;
}

}  // namespace

// Shared with the timer's callback, which may run after the exchange has gone.
struct Exchange::Connection {
    explicit Connection(const asio::any_io_executor& executor)
        : transport{tcp::socket{executor}}, timer{executor} {}

    Transport transport;
    asio::steady_timer timer;
    bool expired = false;
};

Exchange::Exchange(const asio::any_io_executor& executor, const Destination& destination,
                   const Limits& limits)
    : destination_{destination},
      limits_{limits},
      connection_{std::make_shared<Connection>(executor)},
      buffer_{limits.header_bytes_max} {}

Exchange::~Exchange() {
    connection_->timer.cancel();
    connection_->transport.close();
}

void Exchange::close_at(TimePoint time) {
    connection_->expired = false;
    connection_->timer.expires_at(time);
    connection_->timer.async_wait([connection = connection_, time](const error_code& error) {
        // It may have been set anew after it went off and before this ran.
        if (error || connection->timer.expiry() != time) return;
        connection->expired = true;
        connection->transport.close();
    });
}

awaitable<Result<void>> Exchange::connect(const std::vector<IpAddress>& addresses, TimePoint until) {
    std::string last = "no time left";
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= until) break;
        close_at(now + (until - now) / static_cast<int>(addresses.size() - i));
        const tcp::endpoint endpoint{to_asio(addresses[i]), destination_.port};
        error_code error;
        co_await connection_->transport.socket().async_connect(
            endpoint, asio::redirect_error(asio::use_awaitable, error));
        if (!error && !connection_->expired) {
            address_ = addresses[i];
            co_return Result<void>{};
        }
        last = fmt::format("{} at {}", connection_->expired ? "no answer in time" : error.message(),
                           addresses[i].text());
        connection_->transport.close();
    }
    co_return fail(ErrorCode::unavailable, "{} cannot be reached: {}", destination_.name(), last);
}

awaitable<Result<void>> Exchange::secure(asio::ssl::context& context, TimePoint until) {
    close_at(until);
    connection_->transport.use_tls(context);
    SSL* tls = connection_->transport.tls_handle();
    if (!expect_host(tls, destination_.host)) {
        co_return fail(ErrorCode::invalid, "{} cannot be named in TLS", destination_.host);
    }
    error_code error;
    co_await connection_->transport.handshake(asio::ssl::stream_base::client, error);
    if (!error && !connection_->expired) co_return Result<void>{};
    const long verdict = SSL_get_verify_result(tls);
    const std::string why = connection_->expired   ? "no answer in time"
                            : verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                                   : error.message();
    co_return fail(ErrorCode::unavailable, "no TLS with {}: {}", destination_.name(), why);
}

awaitable<Result<ClientResponse>> Exchange::send(std::string_view head, const ClientRequest& request,
                                                 TimePoint until) {
    if (std::chrono::steady_clock::now() >= until) {
        co_return fail(ErrorCode::unavailable, "no time was left to send the request to {}",
                       destination_.name());
    }
    close_at(until);
    error_code error;
    co_await connection_->transport.write({asio::buffer(head), asio::buffer(request.body)}, error);
    // A peer may refuse a long body before it has all of it: then its answer is there to be read although
    // the writing failed.
    auto response = co_await read(request.method == Method::head);
    if (!response && error && response.error().code == ErrorCode::in_doubt) co_return lost(error);
    co_return response;
}

awaitable<Result<ClientResponse>> Exchange::read(bool without_body) {
    for (int i = 0; i < interim_answers_max; ++i) {
        ResponseParser parser{limits_.header_bytes_max, limits_.body_bytes_max, without_body};
        const Result<void> whole = co_await read_message(parser);
        if (!whole) co_return std::unexpected{whole.error()};
        ClientResponse& response = parser.response();
        if (response.status < 200) continue;
        response.body_was_cut = parser.over_body_limit();
        response.address = address_;
        co_return std::move(response);
    }
    co_return fail(ErrorCode::in_doubt, "{} sent interim answers only", destination_.name());
}

awaitable<Result<void>> Exchange::read_message(ResponseParser& parser) {
    for (;;) {
        const Result<bool> done = parse(parser);
        if (!done) co_return std::unexpected{done.error()};
        if (*done) co_return Result<void>{};
        error_code error;
        buffer_.commit(co_await connection_->transport.read_some(buffer_.room(), error));
        if (!error && !connection_->expired) continue;
        // A body without a length ends with its connection; any other end is too early.
        error_code early;
        const bool at_end = error == asio::error::eof && parser.is_header_done() && parser.need_eof();
        if (at_end) parser.put_eof(early);
        if (!at_end || early) co_return lost(error);
        co_return Result<void>{};
    }
}

// Takes what is in the buffer: true when the answer is whole, or cut as asked.
Result<bool> Exchange::parse(ResponseParser& parser) {
    error_code error;
    while (!buffer_.empty() && !parser.is_done() && !error) {
        const auto bytes = buffer_.view();
        if (parser.is_header_done() && parser.chunked() && is_cut_last_chunk(bytes)) return false;
        buffer_.consume(parser.put(asio::buffer(bytes), error));
        if (parser.over_body_limit() && limits_.cut_body) return true;
        if (parser.over_body_limit()) {
            return fail(ErrorCode::too_large, "the answer of {} is longer than {} bytes", destination_.name(),
                        limits_.body_bytes_max);
        }
    }
    const bool partial = error == boost::beast::http::error::need_more;
    if (error == boost::beast::http::error::header_limit || (partial && buffer_.full())) {
        return fail(ErrorCode::too_large, "the header of {}'s answer is longer than {} bytes",
                    destination_.name(), limits_.header_bytes_max);
    }
    if (error && !partial) {
        return fail(ErrorCode::in_doubt, "{} gave a malformed answer: {}", destination_.name(),
                    error.message());
    }
    return parser.is_done();
}

std::unexpected<Error> Exchange::lost(const error_code& error) const {
    if (connection_->expired) {
        return fail(ErrorCode::in_doubt, "{} gave no complete answer in time", destination_.name());
    }
    return fail(ErrorCode::in_doubt, "the connection to {} was lost before its answer was complete: {}",
                destination_.name(), error.message());
}

}  // namespace tollgate::http
