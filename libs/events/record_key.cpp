#include "events/record_key.hpp"

namespace tollgate::events {

std::string record_key(const Uuid& tenant, std::string_view source_slug, std::string_view ordering_key,
                       const Uuid& event_id) {
    std::string key = tenant.text();
    key.append("/").append(source_slug).append("/");
    key.append(ordering_key.empty() ? event_id.text() : ordering_key);
    return key;
}

}  // namespace tollgate::events
