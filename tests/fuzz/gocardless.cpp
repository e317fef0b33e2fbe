// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run("gocardless", "{}", {"ED7D658C-D8EB-4941-948B-3973214F2D49"},
                                      {reinterpret_cast<const char*>(data), size});
    return 0;
}
