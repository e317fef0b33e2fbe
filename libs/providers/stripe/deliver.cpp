#include "providers/signing.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

Secret make_secret() {
    return make_hex_secret(16, "whsec_");
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    return deliver_timed(provider(), header, settings, secret, sample, now);
}

}  // namespace tollgate::providers::stripe
