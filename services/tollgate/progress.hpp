// How far long work is, every now and then, to stderr.
#pragma once

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

namespace tollgate {

class Progress {
public:
    template <typename... Arguments>
    void tell(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        constexpr std::chrono::seconds every{2};
        const auto now = std::chrono::steady_clock::now();
        if (now - told_ < every) return;
        told_ = now;
        fmt::print(stderr, "{}\n", fmt::format(format, std::forward<Arguments>(arguments)...));
    }

private:
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

}  // namespace tollgate
