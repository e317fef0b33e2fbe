#include "providers/shopify/shopify.hpp"

#include "providers/account_trust.hpp"
#include "providers/samples.hpp"

namespace tollgate::providers::shopify {

namespace {

Result<Secret> key_of(const SourceSecret& secret) {
    const std::string& text = secret.value.reveal();
    if (text.starts_with("shpat_") || text.starts_with("shpca_") || text.starts_with("shppa_")) {
        return not_a_secret(secret, "is an access token; webhooks are signed with the app's client secret");
    }
    return as_pasted(secret);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, key_of);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files(), "X-Shopify-Topic");
    // Orders of many lines have several megabytes.
    static const Provider row{.name = "shopify",
                              .title = "Shopify",
                              .body_bytes_max = std::size_t{5} << 20U,
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::shopify
