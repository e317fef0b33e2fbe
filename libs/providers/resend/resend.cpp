#include "providers/resend/resend.hpp"

#include "providers/samples.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::resend {

namespace {

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    for (const SourceSecret& secret : secrets) {
        if (!secret.value.reveal().starts_with("re_")) continue;
        return not_a_secret(secret, "is an API key; the signing secret of the webhook begins with whsec_");
    }
    return standard_webhooks::make_trust(settings, secrets);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    return standard_webhooks::deliver_as(standard_webhooks::svix_headers, settings, secret, sample, now);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "resend",
                              .title = "Resend",
                              .keys_live = standard_webhooks::provider().keys_live,
                              .make_trust = make_trust,
                              .verify = standard_webhooks::verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = standard_webhooks::make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::resend
