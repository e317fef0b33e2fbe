// Where webhooks may be sent to, and in whose form each place answers. All of them lead to a source; those of
// the systems that Tollgate replaces are aliases.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "http/request.hpp"
#include "ingress/submission.hpp"
#include "tenants/registry.hpp"

namespace tollgate::ingress {

enum class Form {
    receipt,   // {"event_id","duplicate"} or {"events":[...]}, of ours
    named,     // the same with the provider's id
    received,  // {"received","event_id","event_type"}
    pending,   // {"detail","event_id","status"}
};

struct Place {
    std::string_view pattern;  // with and without a slash at its end
    Form form;
    std::shared_ptr<const tenants::Source> (*find)(const tenants::Directory& directory,
                                                   const http::Request& request);
    // What comes here is taken without a proof: only where the process was started for development.
    bool takes_all = false;
};

std::span<const Place> places();

}  // namespace tollgate::ingress
