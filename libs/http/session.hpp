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

// A connection that was accepted.
struct Arrival {
    boost::asio::ip::tcp::socket socket;
    IpAddress from;
    std::shared_ptr<boost::asio::ssl::context> tls;  // null for a plain one
    std::unique_ptr<ConnectionPlace> place;
};

class Session {
public:
    Session(Worker& worker, Arrival arrival);
    ~Session();

    // Serves until the peer, a limit or the drain ends it. One whose place is beyond a limit is only told so.
    static void start(std::shared_ptr<Session> session);

    void expire(std::chrono::steady_clock::time_point now);  // its deadline may have passed
    void drain();                                            // if idle it ends, else after its answer
    void make_way();                                         // the same, for this one alone
    void cut();                                              // it ends now, and what it awaits is cancelled

    const AddressUse* address_use() const { return place_->use().get(); }

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
        Limit limit = Limit::none;  // why it was turned away
    };

    // What comes after an answer, or after the want of one.
    enum class Next { request, linger, close };

    boost::asio::awaitable<void> run();
    // False if nobody is there to be served.
    boost::asio::awaitable<bool> shake_hands();
    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<Next> conclude(Ending ending);

    boost::asio::awaitable<Step<void>> read_head(RequestParser& parser);
    Step<const Route*> admit(RequestParser& parser);
    boost::asio::awaitable<Step<void>> read_body(RequestParser& parser, BodyShare& share);
    boost::asio::awaitable<Step<void>> read_sized(Request& request, std::size_t size, BodyShare& share);
    boost::asio::awaitable<Step<void>> read_chunked(RequestParser& parser, BodyShare& share);
    // Reads into the buffer; false when the peer, the deadline or the drain has ended it.
    boost::asio::awaitable<bool> fill();
    bool may_wait();
    // Every byte of a body buys time for the next ones.
    void extend_body_deadline(std::size_t bytes);
    Ending ended(std::string_view what) const;
    Response turn_away(Limit limit, const IpAddress& address);
    // Whose share a body counts to; null where it is nobody's.
    AddressUse* use_of(const IpAddress& client);

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
    const std::unique_ptr<ConnectionPlace> place_;
    Worker::Seat seat_;
    // For whom a proxy spoke last on this connection.
    IpAddress forwarded_for_;
    std::shared_ptr<AddressUse> forwarded_use_;
    ReadBuffer buffer_;
    std::string head_;  // of the answer being written; kept for its memory
    Current current_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point body_begun_;
    bool expired_ = false;  // the deadline has passed and what was under way is cancelled
    boost::system::error_code read_error_;
    bool idle_ = false;     // between requests: nothing is lost if it ends
    bool leaving_ = false;  // it makes way for another
    bool cut_ = false;
    boost::asio::cancellation_signal cancel_;
};

}  // namespace tollgate::http
