// Bodies like those that Stripe sends, made up. Of each size there is one text, with places in it that are
// filled anew for each event: ids, amounts, names. So a body costs little more than its copy, and no two are
// alike.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::load {

class StripeBody {
public:
    static constexpr std::size_t bytes_min = 200;

    // Of exactly so many bytes. Events of another seed have other ids.
    StripeBody(std::size_t bytes, std::uint64_t seed, std::chrono::sys_seconds created);

    // Appends the event's body: always the same for the same number.
    void append(std::uint64_t number, std::string& out) const;

private:
    struct Place {
        std::size_t begin = 0;
        std::size_t length = 0;
        std::size_t pool = 0;
        bool is_id = false;  // of no other body
    };

    std::string text_;
    std::vector<Place> places_;       // the first is the event's id
    std::vector<std::string> pools_;  // random characters, from which places are filled by the slice
    std::uint64_t seed_;
};

}  // namespace tollgate::load
