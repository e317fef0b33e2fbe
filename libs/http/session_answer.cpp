// The second half of a session: from the request to the answer, and the end of the connection.
#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <utility>

#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace tollgate::http {

namespace asio = boost::asio;
namespace log = telemetry::log;
using asio::awaitable;

namespace {

constexpr std::chrono::milliseconds linger_timeout{1000};
constexpr std::size_t linger_bytes_max = 1'048'576;

// One of the requests in flight, as long as it lives.
class InFlight {
public:
    explicit InFlight(Serving& serving)
        : serving_{serving},
          within_limit_{++serving.requests_in_flight <= serving.limits.requests_in_flight_max} {}
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;
    ~InFlight() { --serving_.requests_in_flight; }

    bool within_limit() const { return within_limit_; }

private:
    Serving& serving_;
    const bool within_limit_;
};

telemetry::TraceContext trace_of(const Headers& headers) {
    if (const auto header = headers.get("traceparent")) {
        if (const auto trace = telemetry::TraceContext::parse(*header)) return trace->child();
    }
    return telemetry::TraceContext::start();
}

// The message's framing is the server's to say, also when a handler passes on what another server answered.
bool is_framing(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{"Connection", "Content-Length", "Date",
                                                    "Transfer-Encoding"};
    return std::ranges::any_of(names,
                               [&](std::string_view known) { return equal_ignoring_case(name, known); });
}

bool is_sendable(const Response& response) {
    const auto sendable = [](const HeaderField& field) { return is_sendable(field); };
    return response.status >= 200 && response.status <= 599 &&
           std::ranges::all_of(response.headers, sendable);
}

bool has_body(int status) {
    return status != 204 && status != 304;
}

}  // namespace

awaitable<Response> Session::handle(const Route& route, Request request) {
    const InFlight in_flight{serving_};
    if (!in_flight.within_limit()) {
        co_return turn_away(Limit::requests_in_flight, request.client);
    }
    request.trace = trace_of(request.headers);
    const telemetry::TraceContext trace = request.trace;
    std::string thrown;
    try {
        co_return co_await route.handler(std::move(request));
    } catch (const boost::system::system_error& error) {
        // After a cut this is how its awaits end, and nobody is there to be answered.
        if (cut_) throw;
        thrown = error.what();
    } catch (const std::exception& error) {
        thrown = error.what();
    } catch (...) {
        thrown = "not a std::exception";
    }
    log::error("a handler threw", {{"trace_id", trace.trace_id_text()},
                                   {"method", name(route.method)},
                                   {"route", route.pattern},
                                   {"error", thrown}});
    current_.keep_alive = false;
    co_return to_response({ErrorCode::internal, thrown});
}

awaitable<Session::Next> Session::respond(Response response) {
    if (!is_sendable(response)) {
        log::error("an answer cannot be sent: its status or a header is malformed",
                   {{"route", current_.route}, {"status", response.status}});
        response = to_response({ErrorCode::internal, {}});
    }
    const bool keep_alive = current_.keep_alive && !serving_.leaving && !serving_.draining && !leaving_;
    format_head(response, keep_alive);
    const bool with_body = current_.method != Method::head && has_body(response.status);
    const Transport::Buffers buffers{asio::buffer(head_),
                                     asio::buffer(with_body ? response.body : std::string_view{})};
    begin_deadline(serving_.limits.write_timeout);
    boost::system::error_code error;
    co_await transport_.write(buffers, error);
    const bool sent = !error && !expired_;
    if (serving_.observer) {
        serving_.observer({.route = current_.route,
                           .method = current_.method,
                           .status = response.status,
                           .duration = Clock::now() - current_.started,
                           .limit = current_.limit});
    }
    if (!sent) co_return Next::close;
    begin_deadline(serving_.limits.idle_timeout);
    co_return keep_alive ? Next::request : Next::linger;
}

void Session::format_head(const Response& response, bool keep_alive) {
    head_.clear();
    const auto out = std::back_inserter(head_);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status),
                   worker_.date());
    if (has_body(response.status)) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
    for (const HeaderField field : response.headers) {
        if (!is_framing(field.name)) fmt::format_to(out, "{}: {}\r\n", field.name, field.value);
    }
    head_ += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
}

awaitable<void> Session::linger() {
    begin_deadline(linger_timeout);
    boost::system::error_code error;
    if (transport_.is_tls()) co_await transport_.close_notify(error);
    transport_.finish_writing();
    std::array<char, 4096> discarded;
    std::size_t total = 0;
    error = {};
    while (!error && !expired_ && total < linger_bytes_max) {
        total += co_await transport_.discard_some(asio::buffer(discarded), error);
    }
}

}  // namespace tollgate::http
