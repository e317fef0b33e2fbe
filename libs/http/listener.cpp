#include "http/listener.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/descriptors.hpp"
#include "telemetry/log.hpp"

namespace tollgate::http {

namespace asio = boost::asio;
namespace log = telemetry::log;
using asio::ip::tcp;

namespace {

// How long nothing is accepted after the kernel refused, for want of descriptors above all.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

Listener::Listener(const ServerSettings& settings, Router router, Observer observer,
                   std::unique_ptr<ServerTls> tls)
    : tls_{std::move(tls)},
      threads_{std::max<std::size_t>(settings.threads, 1)},
      acceptor_{threads_.executor(0)},
      pause_{threads_.executor(0)} {
    serving_.router = std::move(router);
    serving_.observer = std::move(observer);
    serving_.limits = within(settings.limits, descriptors_max());
    serving_.trusted_proxies = settings.trusted_proxies;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        workers_.push_back(std::make_unique<Worker>(threads_.executor(i), serving_));
    }
}

// NOLINTNEXTLINE(bugprone-exception-escape): without the memory for a post the process has to end
Listener::~Listener() {
    stop(std::chrono::milliseconds{0});
    threads_.join();
}

Result<void> Listener::listen(const ServerSettings& settings) {
    const auto address = IpAddress::parse(settings.address);
    if (!address) {
        return fail(ErrorCode::misconfigured, "cannot listen on {} port {}: {}", settings.address,
                    settings.port, address.error().detail);
    }
    const tcp::endpoint endpoint{to_asio(*address), settings.port};
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    // Connections of the process before, still in TIME_WAIT, do not keep this one from its port.
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorCode::misconfigured, "cannot listen on {} port {}: {}", settings.address,
                    settings.port, error.message());
    }
    port_ = acceptor_.local_endpoint().port();
    listening_ = true;
    for (std::size_t i = 0; settings.alive && i < workers_.size(); ++i) {
        asio::post(workers_[i]->executor(), [worker = workers_[i].get(), alive = settings.alive, i] {
            worker->tell_alive([alive, i] { alive(i); });
        });
    }
    spawn(threads_.executor(0), accept(), "accept");
    return {};
}

asio::awaitable<void> Listener::accept() {
    std::size_t turn = 0;
    while (!serving_.draining) {
        Worker& worker = *workers_[turn++ % workers_.size()];
        tcp::socket socket{worker.executor()};
        tcp::endpoint peer;
        boost::system::error_code error;
        co_await acceptor_.async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            hand_over(worker, std::move(socket), peer);
            continue;
        }
        if (serving_.draining || error == asio::error::connection_aborted) continue;
        if (const std::uint64_t times = refused_line_.due(std::chrono::steady_clock::now()); times > 0)
            log::error("a connection could not be accepted", {{"error", error.message()}, {"times", times}});
        pause_.expires_after(accept_pause);
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    accept_ended_.set_value();
}

void Listener::hand_over(Worker& worker, tcp::socket socket, const tcp::endpoint& peer) {
    boost::system::error_code error;
    // An answer is one write; to wait for more of it would cost up to 40 ms.
    socket.set_option(tcp::no_delay{true}, error);
    const IpAddress from = from_asio(peer.address());
    Arrival arrival{.socket = std::move(socket),
                    .from = from,
                    .tls = tls_ ? tls_->current() : nullptr,
                    .place = std::make_unique<ConnectionPlace>(serving_, from)};
    Worker* const idlest = arrival.place->limit() == Limit::none ? nullptr : with_most_idle();
    if (idlest == nullptr) {
        begin(worker, std::move(arrival));
        return;
    }
    // By the time that it is asked nobody there may be idle any more: then this one is turned away.
    asio::post(idlest->executor(), [this, &worker, idlest, arrival = std::move(arrival)]() mutable {
        // On this way round it could come to its worker after the drain did.
        if (serving_.draining) return;
        ConnectionPlace& place = *arrival.place;
        const bool of_address = place.limit() == Limit::connections_per_address;
        if (idlest->close_longest_idle(of_address ? place.use().get() : nullptr)) place.admit();
        begin(worker, std::move(arrival));
    });
}

void Listener::begin(Worker& worker, Arrival arrival) {
    if (arrival.place->is_silent()) {
        serving_.tell(arrival.place->limit(), arrival.from);
        if (serving_.observer) serving_.observer({.route = "unread", .limit = arrival.place->limit()});
        return;
    }
    asio::post(worker.executor(), [&worker, arrival = std::move(arrival)]() mutable {
        Session::start(std::make_shared<Session>(worker, std::move(arrival)));
    });
}

std::size_t Listener::idle_connections() const {
    std::size_t idle = 0;
    for (const auto& worker : workers_) idle += worker->idle();
    return idle;
}

Worker* Listener::with_most_idle() const {
    const auto& most = *std::ranges::max_element(
        workers_, {}, [](const std::unique_ptr<Worker>& worker) { return worker->idle(); });
    return most->idle() > 0 ? most.get() : nullptr;
}

void Listener::take_leave(std::chrono::milliseconds window) {
    serving_.leaving = true;
    wait_for_end(std::chrono::steady_clock::now() + window);
}

std::size_t Listener::stop(std::chrono::milliseconds deadline) {
    if (std::exchange(stopped_, true)) return 0;
    const auto until = std::chrono::steady_clock::now() + deadline;
    serving_.draining = true;
    if (listening_) {
        asio::post(threads_.executor(0), [this] {
            boost::system::error_code error;
            acceptor_.close(error);
            pause_.cancel();
        });
        // After this every connection that was accepted is with its worker, or on its way there.
        accept_ended_.get_future().wait();
    }
    for (const auto& worker : workers_) asio::post(worker->executor(), [&worker] { worker->drain(); });
    if (wait_for_end(until)) return 0;
    const std::size_t left = serving_.connections;
    log::warning("connections were cut off at the end of the drain", {{"connections", left}});
    for (const auto& worker : workers_) asio::post(worker->executor(), [&worker] { worker->cut(); });
    return left;
}

bool Listener::wait_for_end(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock{serving_.mutex};
    return serving_.connection_ended.wait_until(lock, until, [&] { return serving_.connections == 0; });
}

}  // namespace tollgate::http
