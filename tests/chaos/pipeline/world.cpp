#include "world.hpp"

#include <csignal>

#include "core/pause.hpp"
#include "postgres/migrate.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate::test {

namespace {

constexpr const char* source_settings = R"({"id":"/id","type":"/type","ordering_key":"/key"})";

std::chrono::milliseconds some_time(Chance& chance) {
    return std::chrono::milliseconds{500 + chance() % 4500};
}

// The process, or the broker, stands still for a while.
template <typename Stoppable>
std::chrono::milliseconds stop_for_some_time(const Stoppable& stoppable, Chance& chance) {
    const auto time = some_time(chance);
    stoppable.signal(SIGSTOP);
    pause(time, {});
    stoppable.signal(SIGCONT);
    return time;
}

}  // namespace

World::World() {
    pipeline_ = std::make_unique<Pipeline>(server_, all_schemas(), broker_.address());
    office_ = std::make_unique<Office>(postgres::ConnectionSettings{.url = server_.url()});
    office_->create_tenant("acme");
    secret_ =
        *office_->create_source("acme", {.slug = "shop", .provider = "generic", .settings = source_settings})
             .secret->made;
    for (std::size_t which = 0; which < 2; ++which) {
        start_ingress(which);
        start_relay(which);
    }
}

World::~World() {
    // Those who use the servers before the servers.
    for (auto& relay : relays_) relay.reset();
    for (auto& ingress : ingresses_) ingress.reset();
}

void World::start_ingress(std::size_t which) {
    ingresses_.at(which).reset();
    ingresses_.at(which) =
        std::make_unique<IngressProcess>(server_.url("app", "services"), office_->keys_file());
    ports_.at(which) = ingresses_.at(which)->port();
}

void World::start_relay(std::size_t which) {
    relays_.at(which).reset();
    relays_.at(which) = std::make_unique<RelayProcess>(*pipeline_);
}

std::string World::kill_ingress(Chance& chance) {
    const std::size_t which = chance() % 2;
    ingresses_.at(which)->process().signal(SIGKILL);
    start_ingress(which);
    return "an ingress was killed";
}

std::string World::stop_ingress(Chance& chance) {
    const auto time = stop_for_some_time(ingresses_.at(chance() % 2)->process(), chance);
    return fmt::format("an ingress stood still for {} ms", time.count());
}

std::string World::kill_relay(Chance& chance) {
    const std::size_t which = chance() % 2;
    relays_.at(which)->process().signal(SIGKILL);
    start_relay(which);
    return "a relay was killed";
}

std::string World::stop_relay(Chance& chance) {
    const auto time = stop_for_some_time(relays_.at(chance() % 2)->process(), chance);
    return fmt::format("a relay stood still for {} ms", time.count());
}

std::string World::kill_broker(Chance&) {
    broker_.signal(SIGKILL);
    broker_.start();
    return "the broker was killed";
}

std::string World::stop_broker(Chance& chance) {
    const auto time = stop_for_some_time(broker_, chance);
    return fmt::format("the broker stood still for {} ms", time.count());
}

std::int32_t World::backend(Chance& chance) const {
    postgres::Connection owner = pipeline_->owner();
    const auto backends = owner.execute(
        "select pid from pg_stat_activity where usename = 'services' and pid <> pg_backend_pid()");
    return backends.empty() ? 0 : backends[chance() % backends.size()].get<std::int32_t>(0);
}

// The server ends all of its sessions and recovers.
std::string World::kill_backend(Chance& chance) {
    const std::int32_t pid = backend(chance);
    if (pid == 0) return "there was no backend to kill";
    kill(pid, SIGKILL);
    return "a backend was killed, and with it all others";
}

std::string World::stop_backend(Chance& chance) {
    const std::int32_t pid = backend(chance);
    if (pid == 0) return "there was no backend to stop";
    const auto time = some_time(chance);
    kill(pid, SIGSTOP);
    pause(time, {});
    kill(pid, SIGCONT);
    return fmt::format("a backend stood still for {} ms", time.count());
}

std::string World::harm(Chance& chance) {
    using Fault = std::string (World::*)(Chance&);
    static constexpr std::array<Fault, 8> faults{
        &World::kill_ingress, &World::stop_ingress, &World::kill_relay,   &World::stop_relay,
        &World::kill_broker,  &World::stop_broker,  &World::kill_backend, &World::stop_backend};
    const Fault fault = faults.at(chance() % faults.size());
    try {
        start_missing();
        return (this->*fault)(chance);
    } catch (const std::runtime_error& error) {
        // The fault before still works: a server that recovers takes no connection.
        return fmt::format("nothing, because of the fault before: {}", error.what());
    }
}

// Also those that have ended by themselves, as one does that starts while its server recovers.
void World::start_missing() {
    for (std::size_t which = 0; which < 2; ++which) {
        if (!ingresses_.at(which) || !ingresses_.at(which)->process().running()) start_ingress(which);
        if (!relays_.at(which) || !relays_.at(which)->process().running()) start_relay(which);
    }
}

void World::heal() {
    if (!wait_until([this] { return try_to_start_missing(); }, std::chrono::minutes{2}))
        throw std::runtime_error{"an ingress or a relay does not start"};
    for (const auto& relay : relays_) {
        if (!relay->becomes_ready()) throw std::runtime_error{"a relay is not ready:\n" + relay->log()};
    }
}

bool World::try_to_start_missing() {
    try {
        start_missing();
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

}  // namespace tollgate::test
