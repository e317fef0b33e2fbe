#include "ingress/door.hpp"

#include "providers/catalogue.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;

std::shared_ptr<const void> make_door(const tenants::Source& source, bool has_public_url) {
    const providers::Provider* const provider = providers::find(source.provider);
    if (provider == nullptr) {
        log::error("a source is closed: this program does not know its provider",
                   {{"tenant", source.tenant}, {"source", source.slug}, {"provider", source.provider}});
        return nullptr;
    }
    std::vector<providers::SourceSecret> secrets;
    secrets.reserve(source.secrets.size());
    for (const tenants::OpenSecret& secret : source.secrets) {
        secrets.push_back({.id = secret.id,
                           .value = secret.value,
                           .valid_from = secret.valid_from,
                           .valid_until = secret.valid_until});
    }
    auto trust = provider->make_trust(source.settings, secrets);
    if (!trust) {
        log::error("a source is closed: its settings or its secrets cannot be used",
                   {{"tenant", source.tenant}, {"source", source.slug}, {"error", trust.error()}});
        return std::make_shared<const Door>(Door{.provider = provider, .trust = nullptr});
    }
    if ((*trust)->needs_url() && !has_public_url) {
        log::warning(
            "a source's signature covers the URL, and http.public_url is not set: none of its webhooks will "
            "be believed",
            {{"tenant", source.tenant}, {"source", source.slug}, {"provider", source.provider}});
    }
    return std::make_shared<const Door>(Door{.provider = provider, .trust = std::move(*trust)});
}

}  // namespace tollgate::ingress
