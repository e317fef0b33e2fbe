// What is to be stored of a request that was verified.
#pragma once

#include <vector>

#include "core/clock.hpp"
#include "http/request.hpp"
#include "ingress/submission.hpp"
#include "providers/provider.hpp"
#include "tenants/registry.hpp"

namespace tollgate::ingress {

// An event for each item, the first of them with the request's headers and body, which is moved out of it.
Events events_of(const providers::Provider& provider, const tenants::Source& source, http::Request& request,
                 const providers::Verified& verified, const std::vector<providers::Item>& items,
                 Timestamp now);

}  // namespace tollgate::ingress
