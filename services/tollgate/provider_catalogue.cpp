#include "tollgate/provider_catalogue.hpp"

#include <vector>

#include "core/nearest.hpp"
#include "providers/catalogue.hpp"

namespace tollgate {

namespace {

Result<const providers::Provider*> find(std::string_view name) {
    if (const auto* provider = providers::find(name); provider != nullptr) return provider;
    std::vector<std::string_view> known;
    for (const providers::Provider* provider : providers::all()) known.push_back(provider->name);
    return fail(ErrorCode::invalid, "there is no provider \"{}\"{}", name, did_you_mean(name, known));
}

Result<void> check(std::string_view name, std::string_view settings,
                   std::span<const tenants::OpenSecret> secrets) {
    const auto provider = find(name);
    if (!provider) return std::unexpected{provider.error()};
    std::vector<providers::SourceSecret> of_source;
    for (const tenants::OpenSecret& secret : secrets) {
        of_source.push_back({.id = secret.id,
                             .value = secret.value,
                             .valid_from = secret.valid_from,
                             .valid_until = secret.valid_until});
    }
    const auto trust = (*provider)->make_trust(settings, of_source);
    if (!trust) return std::unexpected{trust.error()};
    return {};
}

Result<Secret> make_secret(std::string_view name) {
    const auto provider = find(name);
    if (!provider) return std::unexpected{provider.error()};
    return (*provider)->make_secret();
}

}  // namespace

const tenants::Catalogue& provider_catalogue() {
    static const tenants::Catalogue catalogue{.check = check, .make_secret = make_secret};
    return catalogue;
}

}  // namespace tollgate
