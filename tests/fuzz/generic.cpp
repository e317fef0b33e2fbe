// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

namespace {

// Every way to prove oneself; which one, the first byte decides.
constexpr std::array<std::string_view, 4> settings{
    R"({"body_is_unique": true})",
    R"({"part": "v1", "timestamp": "part:t", "signed": "{timestamp}.{header:X-Id}.{body}", "prefix": "s ",
        "encoding": "base64", "algorithm": "sha1", "separator": ";", "id": "header:X-Id", "type": "/a~1b/0",
        "time": "/time", "account": "header:X-Account", "subject": "/s", "body_is_unique": true})",
    R"({"proof": "token", "header": "X-Token", "prefix": "Bearer ", "id": "/id", "type": "header:X-Type"})",
    R"({"proof": "basic", "user": "tollgate", "body_is_unique": true})"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    tollgate::providers::fuzzing::run("generic", settings[data[0] % settings.size()], {"generic-secret"},
                                      {reinterpret_cast<const char*>(data) + 1, size - 1});
    return 0;
}
