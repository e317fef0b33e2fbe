// A provider with a source's secret: what it sends, and what is made of it.
#pragma once

#include <string>
#include <string_view>

#include "requests.hpp"

namespace tollgate::providers::testing {

// "type id=... account=... mode=... subject=... order=... time=...", "-" for what is not there.
std::string words(const Item& item);

struct Signed {
    const Provider& provider;
    Secret secret = provider.make_secret();

    Request request(std::string_view body, http::Headers headers = {}) const;
    Request sample_request(std::string_view type) const;
    Item item_of(const Request& request) const;
    std::string words_of(std::string_view type) const { return words(item_of(sample_request(type))); }
    std::string why_not(std::string_view body, http::Headers headers = {}) const;
    std::string said_with(std::string_view settings, const Request& request) const;
};

Signed of(std::string_view name);

}  // namespace tollgate::providers::testing
