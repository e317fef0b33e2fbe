#include "tenants/uuid_list.hpp"

#include <ranges>
#include <stdexcept>

#include <fmt/ranges.h>

namespace tollgate::tenants {

std::string uuid_list(const std::vector<Uuid>& ids) {
    return fmt::format("{}", fmt::join(ids, ","));
}

std::vector<Uuid> parse_uuid_list(std::string_view text) {
    std::vector<Uuid> ids;
    for (const auto part : std::views::split(text, ',')) {
        const auto id = Uuid::parse(std::string_view{part});
        if (!id) throw std::logic_error{id.error().detail};
        ids.push_back(*id);
    }
    return ids;
}

}  // namespace tollgate::tenants
