// A plain GET on loopback, for asking a process how it is.
#pragma once

#include <cstdint>
#include <string>

namespace tollgate::test {

struct Answer {
    int status = 0;  // 0: nobody listens, or no answer came
    std::string body;
};

Answer http_get(std::uint16_t port, const std::string& path);

}  // namespace tollgate::test
