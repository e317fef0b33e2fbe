// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("recurly", "{}",
                                      {"354fab5bd35f5a0d50845ee7e30165244468b13c2c343f104e4e730a59326d9d"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
