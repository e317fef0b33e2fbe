#include "load/ingress_server.hpp"

#include <fmt/format.h>

#include "support/ports.hpp"

namespace tollgate::load {

IngressServer::IngressServer(const Surroundings& surroundings)
    : source_{surroundings, folder_},
      port_{test::free_port()},
      process_{"tollgate-ingress",
               {{"TOLLGATE_DATABASE_URL", surroundings.service_database_url},
                {"TOLLGATE_SEAL_KEYS_FILE", source_.keys_file},
                {"TOLLGATE_HTTP_PORT", std::to_string(port_)}}} {}

TrafficSettings IngressServer::traffic() const {
    return {.host = fmt::format("127.0.0.1:{}", port_),
            .path = StripeSource::path,
            .secret = source_.secret,
            .signed_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

IngressServer::Commits IngressServer::commits() const {
    return {.requests = process_.metric("tollgate_ingress_batch_requests_sum"),
            .count = process_.metric("tollgate_ingress_batch_requests_count")};
}

}  // namespace tollgate::load
