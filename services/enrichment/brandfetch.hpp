// Brandfetch: how it is asked for the company of a domain, and what its answers mean. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "enrichment/calls.hpp"
#include "events/payment_event.hpp"

namespace tollgate::enrichment {

inline constexpr std::string_view brandfetch_url = "https://api.brandfetch.io/v2/brands/domain/";
inline constexpr std::string_view brandfetch = "brandfetch";

// Nothing of a customer's is in it but the domain.
Call ask_brandfetch(std::string_view url, const Secret& key, const std::string& domain,
                    std::chrono::milliseconds timeout);

struct LookedUp {
    bool found = false;
    v1::Company company{};             // what is fit to be shown of it
    std::chrono::seconds good_for{0};  // zero: it was not answered, and says nothing of the domain
};
LookedUp read_brandfetch(const Answer& answer);

}  // namespace tollgate::enrichment
