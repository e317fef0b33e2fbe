#include "events/record_key.hpp"

namespace tollgate::events {

std::string record_key(const Uuid& tenant, std::string_view source_slug, std::string_view ordering_key,
                       const Uuid& event_id) {
    if (ordering_key.empty()) return fmt::format("{}/{}/{}", tenant, source_slug, event_id);
    return fmt::format("{}/{}/{}", tenant, source_slug, ordering_key);
}

}  // namespace tollgate::events
