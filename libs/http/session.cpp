#include "http/session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "telemetry/log.hpp"

namespace tollgate::http {

namespace asio = boost::asio;
namespace log = telemetry::log;
using asio::awaitable;

Session::Session(Worker& worker, Arrival arrival)
    : worker_{worker},
      serving_{worker.serving()},
      transport_{std::move(arrival.socket)},
      peer_{arrival.from},
      tls_{std::move(arrival.tls)},
      place_{std::move(arrival.place)},
      seat_{worker_.add(*this)},
      buffer_{serving_.limits.header_bytes_max} {}

Session::~Session() {
    worker_.remove(seat_);
}

void Session::start(std::shared_ptr<Session> session) {
    Session& self = *session;
    // The completion holds the session: the slot belongs to it and must outlive the coroutine.
    const auto ended = [session = std::move(session)](const std::exception_ptr& thrown) {
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const boost::system::system_error& error) {
            // What a cut at the drain's deadline looks like from within.
            if (error.code() == asio::error::operation_aborted) return;
            log::error("a connection failed", {{"error", error.what()}});
        } catch (const std::exception& error) {
            log::error("a connection failed", {{"error", error.what()}});
        }
    };
    asio::co_spawn(self.worker_.executor(), self.run(),
                   asio::bind_cancellation_slot(self.cancel_.slot(), ended));
}

void Session::expire(Clock::time_point now) {
    if (now < deadline_) return;
    // Again at each tick until it is noticed: one operation may just have ended and the next begun.
    expired_ = true;
    transport_.cancel();
}

void Session::drain() {
    if (idle_) transport_.cancel();
}

void Session::make_way() {
    leaving_ = true;
    worker_.set_idle(seat_, false);  // the next one to make way is another
    transport_.cancel();
}

void Session::cut() {
    cut_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
    transport_.close();
}

void Session::begin_deadline(std::chrono::milliseconds timeout) {
    deadline_ = Clock::now() + timeout;
    expired_ = false;
}

awaitable<void> Session::run() {
    begin_deadline(serving_.limits.header_timeout);
    if (tls_ && !co_await shake_hands()) co_return;
    Next next = Next::request;
    if (place_->limit() != Limit::none) {
        current_.started = Clock::now();
        next = co_await respond(turn_away(place_->limit(), peer_));
    }
    while (next == Next::request) next = co_await serve_one();
    if (next == Next::linger) co_await linger();
}

awaitable<bool> Session::shake_hands() {
    boost::system::error_code error;
    // Idle until it has said a word: a drain does not wait for a connection that was opened in advance.
    idle_ = true;
    worker_.set_idle(seat_, place_->limit() == Limit::none);
    if (may_wait()) co_await transport_.wait_for_input(error);
    worker_.set_idle(seat_, false);
    idle_ = false;
    if (expired_ || !may_wait()) co_return false;
    transport_.use_tls(*tls_);
    co_await transport_.handshake(asio::ssl::stream_base::server, error);
    // A scanner, or a peer that does not trust us: nothing can be told over this connection.
    co_return !error && !expired_;
}

awaitable<Session::Next> Session::serve_one() {
    RequestParser parser{serving_.limits.header_bytes_max};
    current_ = {};
    Step<void> head = co_await read_head(parser);
    if (!head) co_return co_await conclude(std::move(head.error()));
    Step<const Route*> route = admit(parser);
    if (!route) co_return co_await conclude(std::move(route.error()));
    BodyShare share{serving_, parser.is_done() ? nullptr : use_of(parser.request().client)};
    Step<void> body = co_await read_body(parser, share);
    if (!body) {
        // What was turned away for want of room is not the sender's fault.
        const auto& broken = (*route)->options.broken;
        if (broken && current_.limit == Limit::none) broken(parser.request());
        co_return co_await conclude(std::move(body.error()));
    }
    end_deadline();
    current_.keep_alive = parser.wants_keep_alive();
    Response response = co_await handle(**route, std::move(parser.request()));
    co_return co_await respond(std::move(response));
}

awaitable<Session::Next> Session::conclude(Ending ending) {
    if (!ending.answer) co_return Next::close;
    co_return co_await respond(std::move(*ending.answer));
}

awaitable<Session::Step<void>> Session::read_head(RequestParser& parser) {
    idle_ = true;
    for (;;) {
        // After empty lines, and the first half of one, the peer is as idle as before.
        if (idle_) buffer_.consume(RequestParser::empty_lines(buffer_.view()));
        if (!buffer_.empty() && !(idle_ && buffer_.view() == "\r")) {
            if (idle_) {
                idle_ = false;
                worker_.set_idle(seat_, false);
                current_.started = Clock::now();
                begin_deadline(serving_.limits.header_timeout);
            }
            std::size_t taken = 0;
            const auto done = parser.take_head(buffer_.view(), taken);
            buffer_.consume(taken);
            if (!done) co_return std::unexpected{Ending{done.error()}};
            if (*done) co_return Step<void>{};
        }
        if (idle_ && !may_wait()) co_return std::unexpected{Ending{}};
        worker_.set_idle(seat_, idle_);
        if (co_await fill()) continue;
        // The drain wakes who is idle, so that it looks whether it may go on waiting. So does who needs room.
        const bool woken = idle_ && !expired_ && read_error_ == asio::error::operation_aborted;
        if (!woken) co_return std::unexpected{idle_ ? Ending{} : ended("head of the request")};
    }
}

// While draining only a request that is here already is still begun.
bool Session::may_wait() {
    return !(serving_.draining || leaving_) || transport_.has_input();
}

awaitable<bool> Session::fill() {
    const std::size_t count = co_await transport_.read_some(buffer_.room(), read_error_);
    buffer_.commit(count);
    co_return !read_error_ && !expired_;
}

Session::Ending Session::ended(std::string_view what) const {
    if (!expired_) return {};
    return {problem(408, {}, fmt::format("the {} did not arrive in time", what))};
}

void Session::extend_body_deadline(std::size_t bytes) {
    const ServerLimits& limits = serving_.limits;
    const std::chrono::milliseconds earned{bytes * 1000 / limits.body_bytes_per_second_min};
    deadline_ = body_begun_ + std::min(limits.body_timeout, limits.body_grace + earned);
}

Response Session::turn_away(Limit limit, const IpAddress& address) {
    current_.limit = limit;
    serving_.tell(limit, address);
    return to_response({ErrorCode::overloaded, std::string{name(limit)}});
}

AddressUse* Session::use_of(const IpAddress& client) {
    if (const auto& use = place_->use()) return use.get();
    if (serving_.trusted_proxies.contains(client)) return nullptr;
    if (forwarded_use_ == nullptr || forwarded_for_ != client) {
        forwarded_use_ = serving_.addresses.of(client);
        forwarded_for_ = client;
    }
    return forwarded_use_.get();
}

Session::Step<const Route*> Session::admit(RequestParser& parser) {
    Request& request = parser.request();
    current_.method = request.method;
    // Without a body the next request begins here, whatever is answered to this one.
    current_.keep_alive = parser.is_done() && parser.wants_keep_alive();
    auto match = serving_.router.find(request.method, request.path());
    current_.route = match ? std::string_view{match->route->pattern} : "unmatched";
    if (!match) return std::unexpected{Ending{std::move(match.error())}};
    const Route& route = *match->route;
    request.peer = peer_;
    // Whoever has a share of its own is no proxy of ours.
    request.client = place_->use() ? peer_ : serving_.trusted_proxies.client_of(peer_, request.headers);
    request.route = route.pattern;
    request.parameters = std::move(match->parameters);
    std::uint64_t limit = route.options.body_bytes_max.value_or(serving_.limits.body_bytes_max);
    if (route.options.admit) {
        auto admitted = route.options.admit(request);
        if (!admitted) return std::unexpected{Ending{std::move(admitted.error())}};
        limit = *admitted;
    }
    if (parser.content_length().value_or(0) > limit) {
        return std::unexpected{Ending{problem(413, {}, fmt::format("a body may have {} bytes here", limit))}};
    }
    parser.body_limit(limit);
    return &route;
}

awaitable<Session::Step<void>> Session::read_body(RequestParser& parser, BodyShare& share) {
    if (parser.is_done()) co_return Step<void>{};
    body_begun_ = Clock::now();
    expired_ = false;
    extend_body_deadline(0);
    if (parser.expects_continue() && buffer_.empty()) {
        boost::system::error_code error;
        const Transport::Buffers go_on{asio::buffer(std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"})};
        co_await transport_.write(go_on, error);
        if (error) co_return std::unexpected{Ending{}};
    }
    if (const auto size = parser.content_length()) {
        co_return co_await read_sized(parser.request(), static_cast<std::size_t>(*size), share);
    }
    co_return co_await read_chunked(parser, share);
}

// Past the parser and the buffer, straight into the one allocation of the body.
awaitable<Session::Step<void>> Session::read_sized(Request& request, std::size_t size, BodyShare& share) {
    constexpr std::size_t step = 65'536;
    std::string& body = request.body;
    body.reserve(size);
    body.append(buffer_.view().substr(0, size));
    buffer_.consume(body.size());
    std::size_t have = body.size();
    const auto met = [&](Limit limit) { return Ending{turn_away(limit, request.client)}; };
    if (const Limit limit = share.grow_to(have); limit != Limit::none) co_return std::unexpected{met(limit)};
    while (have < size) {
        // Touched only as the bytes come: who announces a megabyte and sends nothing costs no memory.
        if (have == body.size()) {
            body.resize(std::min(size, have + step));
            const Limit limit = share.grow_to(body.size());
            if (limit != Limit::none) co_return std::unexpected{met(limit)};
        }
        boost::system::error_code error;
        have += co_await transport_.read_some(asio::buffer(body.data() + have, body.size() - have), error);
        if (error || expired_) co_return std::unexpected{ended("body")};
        extend_body_deadline(have);
    }
    co_return Step<void>{};
}

awaitable<Session::Step<void>> Session::read_chunked(RequestParser& parser, BodyShare& share) {
    for (;;) {
        std::size_t taken = 0;
        const auto done = parser.take_body(buffer_.view(), taken);
        buffer_.consume(taken);
        if (!done) co_return std::unexpected{Ending{done.error()}};
        const Request& request = parser.request();
        const Limit limit = share.grow_to(request.body.size());
        if (limit != Limit::none) co_return std::unexpected{Ending{turn_away(limit, request.client)}};
        if (*done) co_return Step<void>{};
        extend_body_deadline(request.body.size());
        if (taken > 0) continue;
        if (buffer_.full()) {
            co_return std::unexpected{
                Ending{problem(431, {}, "a chunk's head or the trailers are too long")}};
        }
        if (!co_await fill()) co_return std::unexpected{ended("body")};
    }
}

}  // namespace tollgate::http
