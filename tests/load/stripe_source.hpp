// A tenant with a source of Stripe's, for a benchmark's traffic.
#pragma once

#include <string>

#include "core/secret.hpp"
#include "load/benchmarks.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::load {

struct StripeSource {
    // Its sealing keys lie in the folder. The database is migrated.
    StripeSource(const Surroundings& surroundings, const test::TemporaryFolder& folder);

    static constexpr const char* tenant = "load";
    static constexpr const char* path = "/v1/in/load/stripe";

    std::string keys_file;
    Secret secret;
};

}  // namespace tollgate::load
