// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tollgate::providers::fuzzing::run(
        "sendgrid", "{}",
        {"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgILNITnRE6NfSywMTDqZlq3rvVWBPNfnazS20sSEOOWShRANCAAQ"
         "5mjOZRSSObgAXkF3+rYXoeP09UFkbar+QEbYlEdqktN9VJGx0w2j6CkoH0p3PYc+Ac7bO4WQs7fvN6BY14q5a"},
        {reinterpret_cast<const char*>(data), size});
    return 0;
}
