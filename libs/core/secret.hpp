// A string that must not be seen: it has no formatter and no stream operator, so printing it does not
// compile, and its memory is wiped when it goes.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tollgate {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_{other.value_} { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = other.value_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    // The only way out; grep for it to find every place that handles the plain text.
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    void wipe() noexcept {
        // volatile: the compiler may not drop stores to a string that is about to die.
        volatile char* bytes = value_.data();
        for (std::size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
        value_.clear();
    }

    std::string value_;
};

}  // namespace tollgate
