#include "http/descriptors.hpp"

#include <algorithm>

#include <sys/resource.h>

#include "telemetry/log.hpp"

namespace tollgate::http {

namespace {

// For the database, the broker, calls to others, probes and files.
constexpr std::size_t for_others = 512;

}  // namespace

std::size_t descriptors_max() {
    rlimit limit{};
    // Without an answer no limit of it can be kept.
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return RLIM_INFINITY;
    return limit.rlim_cur;
}

ServerLimits within(ServerLimits limits, std::size_t descriptors) {
    const std::size_t left = descriptors - std::min(for_others, descriptors / 2);
    // An eighth as many are told that there is no place, and a few.
    const std::size_t places = std::max<std::size_t>(left - std::min(left, left / 8 + 8), 1);
    if (limits.connections_max <= places) return limits;
    telemetry::log::warning(
        "there are fewer descriptors than connections are allowed, and so many are taken: raise the limit of "
        "open "
        "files (ulimit -n, LimitNOFILE), or lower http.connections_max",
        {{"connections_max", limits.connections_max}, {"taken", places}, {"descriptors", descriptors}});
    limits.connections_per_address_max =
        std::max<std::size_t>(std::min(limits.connections_per_address_max, limits.connections_max) * places /
                                  limits.connections_max,
                              1);
    limits.connections_max = places;
    return limits;
}

}  // namespace tollgate::http
