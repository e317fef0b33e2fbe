// One connection of the server, from accept to close. Only sources of this folder include it; all of it
// runs on its worker's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/read_buffer.hpp"
#include "http/request_parser.hpp"
#include "http/transport.hpp"
#include "http/worker.hpp"

namespace tollgate::http {

class Session {
public:
    // `tls` is null for a plain connection.
    Session(Worker& worker, boost::asio::ip::tcp::socket socket, IpAddress peer,
            std::shared_ptr<boost::asio::ssl::context> tls);
    ~Session();

    // Serves until the peer, a limit or the drain ends it. One beyond `connections_max` is only told so.
    static void start(std::shared_ptr<Session> session, bool over_limit);

    void expire(std::chrono::steady_clock::time_point now);  // its deadline may have passed
    void drain();                                            // if idle it ends, else after its answer
    void cut();                                              // it ends now, and what it awaits is cancelled

private:
    using Clock = std::chrono::steady_clock;

    // Why a request is not served: the answer to give, or none when nobody is there to read one.
    struct Ending {
        std::optional<Response> answer;
    };
    template <typename T>
    using Step = std::expected<T, Ending>;

    // What is known of the request under way, for the observer and for the answer.
    struct Current {
        Clock::time_point started;
        std::string_view route = "unread";
        Method method = Method::other;
        bool keep_alive = false;
    };

    // What comes after an answer, or after the want of one.
    enum class Next { request, linger, close };

    boost::asio::awaitable<void> run(bool over_limit);
    // False if nobody is there to be served.
    boost::asio::awaitable<bool> shake_hands();
    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<Next> conclude(Ending ending);

    boost::asio::awaitable<Step<void>> read_head(RequestParser& parser);
    Step<const Route*> admit(RequestParser& parser);
    boost::asio::awaitable<Step<void>> read_body(RequestParser& parser, BodyShare& share);
    boost::asio::awaitable<Step<void>> read_sized(std::string& body, std::size_t size, BodyShare& share);
    boost::asio::awaitable<Step<void>> read_chunked(RequestParser& parser, BodyShare& share);
    // Reads into the buffer; false when the peer, the deadline or the drain has ended it.
    boost::asio::awaitable<bool> fill();
    bool may_wait();
    Ending ended(std::string_view what) const;
    static Ending too_many_bytes();

    boost::asio::awaitable<Response> handle(const Route& route, Request request);
    boost::asio::awaitable<Next> respond(Response response);
    void format_head(const Response& response, bool keep_alive);
    // Takes what the peer still sends: closing with bytes unread would reset the connection and could
    // destroy the answer before the peer has read it.
    boost::asio::awaitable<void> linger();

    void begin_deadline(std::chrono::milliseconds timeout);
    void end_deadline() { deadline_ = Clock::time_point::max(); }

    Worker& worker_;
    Serving& serving_;
    Transport transport_;
    const IpAddress peer_;
    const std::shared_ptr<boost::asio::ssl::context> tls_;
    ReadBuffer buffer_;
    std::string head_;  // of the answer being written; kept for its memory
    Current current_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool expired_ = false;  // the deadline has passed and what was under way is cancelled
    boost::system::error_code read_error_;
    bool idle_ = false;  // between requests: nothing is lost if it ends
    bool cut_ = false;
    boost::asio::cancellation_signal cancel_;
};

}  // namespace tollgate::http
