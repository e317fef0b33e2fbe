// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("braintree", "{}", {"integration_public_key:integration_private_key"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
