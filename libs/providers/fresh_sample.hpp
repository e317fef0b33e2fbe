// A sample as an event of its own: another id than any that was sent before, and of now.
#pragma once

#include <string>
#include <string_view>

#include "providers/provider.hpp"

namespace tollgate::providers {

enum class About {
    the_same,   // the payment or subscription that the sample names, again
    a_new_one,  // one that nobody has heard of
};

// Signed as the provider does. Which texts of the body are the id, the time and the subject is told by what
// the provider identifies the sample by. `invalid` for settings or a secret that are not good, and for a
// sample that names nothing that could be another.
Result<Delivery> deliver_fresh(const Provider& provider, std::string_view settings, const Secret& secret,
                               const Sample& sample, About about, Timestamp now);

// The same kind of characters at each place behind what looks like a prefix: "evt_1Q2w" becomes "evt_7Zk3".
std::string another_like(std::string_view id);

}  // namespace tollgate::providers
