// One request over one connection of the client, within its deadlines. Only sources of this folder
// include it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/client.hpp"
#include "http/destination.hpp"
#include "http/read_buffer.hpp"
#include "http/response_parser.hpp"

namespace tollgate::http {

class Exchange {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    struct Limits {
        std::size_t header_bytes_max;
        std::size_t body_bytes_max;
        bool cut_body;
    };

    // `destination` is only referred to.
    Exchange(const boost::asio::any_io_executor& executor, const Destination& destination,
             const Limits& limits);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // Tries the addresses in turn, each with its share of the time left.
    boost::asio::awaitable<Result<void>> connect(const std::vector<IpAddress>& addresses, TimePoint until);
    boost::asio::awaitable<Result<void>> secure(boost::asio::ssl::context& context, TimePoint until);

    // Once something was written every failure is in_doubt, or too_large.
    boost::asio::awaitable<Result<ClientResponse>> send(std::string_view head, const ClientRequest& request,
                                                        TimePoint until);

private:
    struct Connection;

    boost::asio::awaitable<Result<ClientResponse>> read(bool without_body);
    boost::asio::awaitable<Result<void>> read_message(ResponseParser& parser);
    Result<bool> parse(ResponseParser& parser);
    std::unexpected<Error> lost(const boost::system::error_code& error) const;
    // When the time comes the connection is closed, which ends whatever is under way on it.
    void close_at(TimePoint time);

    const Destination& destination_;
    const Limits limits_;
    std::shared_ptr<Connection> connection_;
    ReadBuffer buffer_;
    IpAddress address_;
};

}  // namespace tollgate::http
