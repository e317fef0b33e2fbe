#include "ingress/service.hpp"

#include <utility>

#include "ingress/answer_book.hpp"
#include "ingress/door.hpp"
#include "journal/announcer.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;

namespace {

constexpr std::string_view role = "tollgate_ingress";
constexpr std::chrono::milliseconds hint_at_most_every{1};
constexpr std::chrono::seconds drain_max{20};
// Of a thread that takes requests in. It never waits for anybody, so that one that is silent hangs.
constexpr std::chrono::seconds silence_max{30};

postgres::ConnectionSettings committing(const process::DatabaseConfig& database, const Config& config) {
    auto connection = database.connection("tollgate ingress commit", std::string{role});
    connection.lock_timeout = config.lock_timeout;
    // Longer, and its requests would be answered before it is.
    connection.statement_timeout = std::min(connection.statement_timeout, config.commit.deadline);
    connection.connect_timeout = std::min(connection.connect_timeout, config.commit.deadline);
    return connection;
}

// Only where there is one: elsewhere TLS ends before us.
void tell_end_of_certificate(http::TlsSettings& tls, telemetry::Metrics& metrics) {
    tls.taken_up = [&gauge = metrics.gauge("ingress_certificate_ends_timestamp_seconds",
                                           "When the certificate ends that is served.")](Timestamp end) {
        gauge.Set(
            static_cast<double>(std::chrono::floor<std::chrono::seconds>(end).time_since_epoch().count()));
    };
}

void watch_threads(http::ServerSettings& listening, process::Health& health) {
    std::vector<process::Heartbeat*> heartbeats;
    heartbeats.reserve(listening.threads);
    for (std::size_t i = 0; i < listening.threads; ++i)
        heartbeats.push_back(&health.alive_while(fmt::format("listener {}", i + 1), silence_max));
    listening.alive = [heartbeats](std::size_t thread) { heartbeats.at(thread)->beat(); };
}

awaitable<Response> health(Result<void> state) {
    co_return state ? http::json(200, R"({"status":"ok"})") : http::to_response(state.error());
}

}  // namespace

struct Service::Parts {
    Parts(const Config& config, const AcceptSettings& accepting, http::Client from_here,
          const process::DatabaseConfig& database, const crypto::Keyring& keys, const journal::Watch& watch,
          const Uuid& holder, telemetry::Metrics& metrics)
        : registry{database.connection("tollgate ingress registry", std::string{role}),
                   keys,
                   [public_url = !accepting.public_url.empty()](const tenants::Source& source) {
                       return make_door(source, public_url);
                   },
                   {},
                   metrics},
          announcer{database.connection("tollgate ingress hint", std::string{role}), hint_at_most_every},
          counts{clock},
          group_commit{std::make_unique<GroupCommit>(
              committing(database, config), config.committing(), [this] { announcer.announce(); }, metrics,
              counts)},
          client{std::move(from_here)},
          documents{[this](http::ClientRequest request) { return client.fetch(std::move(request)); },
                    {.of_source = config.fetches}},
          limiter{config.failures},
          request_metrics{metrics},
          hearing{database.connection("tollgate ingress hearing", std::string{role}), {}, metrics},
          acceptor{{.registry = registry,
                    .group_commit = *group_commit,
                    .documents = documents,
                    .limiter = limiter,
                    .clock = clock,
                    .is_full = [&watch] { return watch.is_full(); },
                    .metrics = request_metrics,
                    .hearing = hearing},
                   accepting},
          leave{config.leave},
          retention{database.connection("tollgate ingress retention", std::string{role}), config.retention,
                    holder, metrics} {}

    http::Router routes(bool development);

    SystemClock clock;
    tenants::Registry registry;
    journal::Announcer announcer;
    AnswerCounts counts;
    std::unique_ptr<AnswerBook> book;  // before who counts: its last words come after the last answer
    std::unique_ptr<GroupCommit> group_commit;
    const http::Client client;
    Documents documents;
    FailureLimiter limiter;
    RequestMetrics request_metrics;
    Hearing hearing;
    Acceptor acceptor;
    std::chrono::milliseconds leave;
    Retention retention;
    std::optional<http::Server> server;
};

http::Router Service::Parts::routes(bool development) {
    http::Router router;
    for (const Place& place : places()) {
        if (place.takes_all && !development) continue;
        if (place.takes_all) {
            log::warning("DEVELOPMENT: unsigned webhooks are taken here; never run this where money is",
                         {{"path", place.pattern}});
        }
        for (const char* const end : {"", "/"}) {
            // By GET some ask what only who has their keys can answer; all others learn that it is not for
            // them.
            for (const Method method : {Method::post, Method::get}) {
                router.add(
                    method, std::string{place.pattern} + end,
                    [this, &place](Request request) { return acceptor.accept(place, std::move(request)); },
                    {.admit = [this, &place](const Request& head) { return acceptor.admit(place, head); },
                     .broken = [this, &place](const Request& head) { acceptor.broken(place, head); }});
            }
        }
    }
    for (const char* const path : {"/webhooks/health", "/webhooks/health/"})
        router.add(Method::get, path, [this](const Request&) { return health(registry.check()); });
    return router;
}

Result<std::unique_ptr<Service>> Service::start(const Config& config, const process::DatabaseConfig& database,
                                                const crypto::Keyring& keys, const journal::Watch& watch,
                                                const Uuid& holder, process::Process& process) {
    const auto accepting = config.accepting();
    if (!accepting) return std::unexpected{accepting.error()};
    auto listening = config.server();
    if (!listening) return std::unexpected{listening.error()};
    if (listening->tls) tell_end_of_certificate(*listening->tls, process.metrics());
    watch_threads(*listening, process.health());
    auto client = http::Client::make({});
    if (!client) return std::unexpected{client.error()};
    auto parts = std::make_unique<Parts>(config, *accepting, std::move(*client), database, keys, watch,
                                         holder, process.metrics());
    auto book = AnswerBook::open(database.connection("tollgate ingress answers", std::string{role}), holder,
                                 parts->counts, process.metrics());
    if (!book) return std::unexpected{book.error()};
    parts->book = std::move(*book);
    auto& seconds = process.metrics().histogram("ingress_request_seconds",
                                                "From the first byte of a request to the "
                                                "last of its answer.");
    auto server =
        http::Server::start(*listening, parts->routes(config.development),
                            [&seconds, &counted = parts->request_metrics](const http::Observation& observed) {
                                if (observed.limit != http::Limit::none) counted.turned_away(observed.limit);
                                if (observed.status == 0) return;
                                seconds.Observe(std::chrono::duration<double>(observed.duration).count());
                            });
    if (!server) return std::unexpected{server.error()};
    parts->server.emplace(std::move(*server));
    process.health().ready_when("sources", [&registry = parts->registry] { return registry.check(); });
    process.health().show_readiness_by(process.metrics().gauge(
        "ingress_ready", "1 while who asks for readiness before it balances sends webhooks here."));
    process.health().ready_when("journal", [&watch]() -> Result<void> {
        if (!watch.is_full()) return {};
        return fail(
            ErrorCode::unavailable,
            "the journal is full, because a reader is far behind: `tollgate reader list` tells which");
    });
    log::info(
        "ingress listens",
        {{"address", config.address}, {"port", parts->server->port()}, {"tls", listening->tls.has_value()}});
    return std::unique_ptr<Service>{new Service{std::move(parts)}};
}

Service::Service(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}

// In this order: what is being committed is answered to those who wait for it.
Service::~Service() {
    parts_->server->take_leave(parts_->leave);
    parts_->server->stop(drain_max);
    // Connections that the drain has cut may still be on their way to it.
    parts_->group_commit->close();
    parts_->server.reset();
}

std::uint16_t Service::port() const {
    return parts_->server->port();
}

}  // namespace tollgate::ingress
