// A string that must not be seen: it has no formatter and no stream operator, so printing it does not
// compile, and its memory is wiped when it goes.
#pragma once

#include <string>
#include <utility>

namespace tollgate {

class Secret {
public:
    Secret() = default;
    // Copied and wiped: moving a short string would leave its characters behind.
    explicit Secret(std::string value) : value_{value} { wipe(value); }
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept { *this = std::move(other); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe(value_);
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(value_);
            value_ = other.value_;
            wipe(other.value_);
        }
        return *this;
    }
    ~Secret() { wipe(value_); }

    // The only way out; grep for it to find every place that handles the plain text.
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    static void wipe(std::string& text) noexcept {
        // volatile: the compiler may not drop stores to a string that is about to die.
        volatile char* bytes = text.data();
        for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
        text.clear();
    }

    std::string value_;
};

}  // namespace tollgate
