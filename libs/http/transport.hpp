// One TCP connection, plain or with TLS, as sessions and the client read and write it. Only sources of
// this folder include it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>

#include "http/address.hpp"

namespace tollgate::http {

class Transport {
public:
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    using ErrorCodeOut = boost::system::error_code&;
    using Buffers = std::array<boost::asio::const_buffer, 2>;

    explicit Transport(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

    boost::asio::ip::tcp::socket& socket() { return socket_; }
    bool is_tls() const { return tls_ != nullptr; }

    // From here on everything is read and written through TLS; the handshake comes next.
    void use_tls(boost::asio::ssl::context& context);
    SSL* tls_handle() { return tls_->native_handle(); }
    boost::asio::awaitable<void> handshake(boost::asio::ssl::stream_base::handshake_type side,
                                           ErrorCodeOut error);

    // Until the peer has sent something, or ended the connection. Takes nothing of it.
    boost::asio::awaitable<void> wait_for_input(ErrorCodeOut error);

    // TLS's own end, so that the peer can tell it from a cut; waits for the peer's.
    boost::asio::awaitable<void> close_notify(ErrorCodeOut error);

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer, ErrorCodeOut error);
    // Past TLS: for what nobody will read.
    boost::asio::awaitable<std::size_t> discard_some(boost::asio::mutable_buffer buffer, ErrorCodeOut error);
    boost::asio::awaitable<std::size_t> write(const Buffers& buffers, ErrorCodeOut error);

    // Whether a read would get something without waiting.
    bool has_input();

    // Tells the peer that nothing more will be written.
    void finish_writing();
    // What is under way ends with an error; the connection stays.
    void cancel();
    void close();

private:
    boost::asio::ip::tcp::socket socket_;
    // A pointer: a quarter of a kilobyte per plain connection saved.
    std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

IpAddress from_asio(const boost::asio::ip::address& address);
boost::asio::ip::address to_asio(const IpAddress& address);

}  // namespace tollgate::http
