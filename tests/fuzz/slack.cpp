// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("slack", "{}", {"8f742231b10e8888abcd99yyyzzz85a5"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
