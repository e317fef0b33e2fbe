// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("xendit", "{}", {"xnd_token_123"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
