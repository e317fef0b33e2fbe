// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("paddle", "{}", {"pdl_ntfset_secret", "VALID_SECRET"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
