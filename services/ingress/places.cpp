#include "ingress/places.hpp"

#include <array>

namespace tollgate::ingress {

namespace {

using Found = std::shared_ptr<const tenants::Source>;
using http::Request;
using tenants::Directory;

Found by_tenant_and_source(const Directory& directory, const Request& request) {
    return directory.find(request.parameter("tenant"), request.parameter("source"));
}

// The provider in the path is the slug of the tenant's source, and must be what it says.
Found by_tenant_and_provider(const Directory& directory, const Request& request) {
    Found found = directory.find(request.parameter("tenant"), request.parameter("provider"));
    return found && found->provider == request.parameter("provider") ? found : nullptr;
}

Found by_alias(const Directory& directory, const Request& request) {
    return directory.find_alias(request.path());
}

Found of_platform(const Directory& directory, const Request&) {
    return directory.find("platform", "stripe");
}

Found of_signed_stripe(const Directory& directory, const Request&) {
    return directory.find_alias("/api/v1/gateway/webhooks/stripe");
}

Found by_school(const Directory& directory, const Request& request) {
    const auto code = request.headers.get("X-School-Code");
    if (!code) return nullptr;
    Found found = directory.find_school(*code);
    const std::string_view provider = request.parameter("provider");
    return found && (found->slug == provider || found->provider == provider) ? found : nullptr;
}

constexpr std::array all{
    Place{"/v1/in/{tenant}/{source}", Form::receipt, by_tenant_and_source},
    Place{"/webhooks/customer/{tenant}/{provider}", Form::named, by_tenant_and_provider},
    Place{"/webhooks/billing/stripe", Form::named, of_platform},
    Place{"/webhooks/stripe", Form::received, by_alias},
    Place{"/webhooks/razorpay", Form::received, by_alias},
    Place{"/api/v1/gateway/webhooks/stripe", Form::received, by_alias},
    Place{"/api/v1/gateway/webhooks/resend", Form::received, by_alias},
    Place{"/api/v1/gateway/webhooks/stripe/test", Form::received, of_signed_stripe, true},
    Place{"/api/webhooks/{provider}", Form::pending, by_school},
    // Whatever other path an operator has given to a source.
    Place{"/{1}", Form::receipt, by_alias},
    Place{"/{1}/{2}", Form::receipt, by_alias},
    Place{"/{1}/{2}/{3}", Form::receipt, by_alias},
    Place{"/{1}/{2}/{3}/{4}", Form::receipt, by_alias},
    Place{"/{1}/{2}/{3}/{4}/{5}", Form::receipt, by_alias},
    Place{"/{1}/{2}/{3}/{4}/{5}/{6}", Form::receipt, by_alias},
};

}  // namespace

std::span<const Place> places() {
    return all;
}

}  // namespace tollgate::ingress
