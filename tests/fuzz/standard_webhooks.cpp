// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run(
        "standard_webhooks", "{}",
        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="},
        {reinterpret_cast<const char*>(data), size});
    return 0;
}
