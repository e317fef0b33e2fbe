#include "http/transport.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

namespace tollgate::http {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;

// The awaitables of Asio are returned and not awaited here: that saves a coroutine frame per operation.

void Transport::use_tls(asio::ssl::context& context) {
    tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, context);
}

asio::awaitable<void> Transport::handshake(asio::ssl::stream_base::handshake_type side, ErrorCodeOut error) {
    return tls_->async_handshake(side, redirect_error(use_awaitable, error));
}

asio::awaitable<void> Transport::wait_for_input(ErrorCodeOut error) {
    return socket_.async_wait(asio::ip::tcp::socket::wait_read, redirect_error(use_awaitable, error));
}

asio::awaitable<void> Transport::close_notify(ErrorCodeOut error) {
    return tls_->async_shutdown(redirect_error(use_awaitable, error));
}

asio::awaitable<std::size_t> Transport::read_some(asio::mutable_buffer buffer, ErrorCodeOut error) {
    if (tls_) return tls_->async_read_some(buffer, redirect_error(use_awaitable, error));
    return socket_.async_read_some(buffer, redirect_error(use_awaitable, error));
}

asio::awaitable<std::size_t> Transport::discard_some(asio::mutable_buffer buffer, ErrorCodeOut error) {
    return socket_.async_read_some(buffer, redirect_error(use_awaitable, error));
}

asio::awaitable<std::size_t> Transport::write(const Buffers& buffers, ErrorCodeOut error) {
    if (tls_) return asio::async_write(*tls_, buffers, redirect_error(use_awaitable, error));
    return asio::async_write(socket_, buffers, redirect_error(use_awaitable, error));
}

bool Transport::has_input() {
    if (tls_ && SSL_has_pending(tls_->native_handle()) == 1) return true;
    boost::system::error_code error;
    return socket_.available(error) > 0 && !error;
}

// What these would report is that the connection is gone already, which is what they are for.

void Transport::finish_writing() {
    boost::system::error_code gone;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, gone);
}

void Transport::cancel() {
    boost::system::error_code gone;
    socket_.cancel(gone);
}

void Transport::close() {
    boost::system::error_code gone;
    socket_.close(gone);
}

IpAddress from_asio(const asio::ip::address& address) {
    if (address.is_v4()) return IpAddress::v4(address.to_v4().to_bytes());
    return IpAddress::v6(address.to_v6().to_bytes()).unmapped();
}

asio::ip::address to_asio(const IpAddress& address) {
    if (!address.is_v4()) return asio::ip::address_v6{address.bytes()};
    asio::ip::address_v4::bytes_type bytes{};
    std::copy_n(address.bytes().begin(), bytes.size(), bytes.begin());
    return asio::ip::address_v4{bytes};
}

}  // namespace tollgate::http
