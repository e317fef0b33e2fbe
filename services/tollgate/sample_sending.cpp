#include "tollgate/sample_sending.hpp"

#include "core/nearest.hpp"
#include "providers/catalogue.hpp"

namespace tollgate {

using providers::Provider;
using providers::Sample;

std::vector<std::string> names_of_providers() {
    std::vector<std::string> names;
    for (const Provider* each : providers::all()) names.emplace_back(each->name);
    return names;
}

std::vector<std::string> types_of(const std::string& provider) {
    std::vector<std::string> types;
    const Provider* found = providers::find(provider);
    if (found == nullptr || !found->why_not_sent.empty()) return types;
    for (const Sample& each : found->samples) types.emplace_back(each.type);
    return types;
}

Result<const Provider*> find_provider(const std::string& name) {
    if (const Provider* found = providers::find(name); found != nullptr) return found;
    return fail(ErrorCode::invalid, "there is no provider \"{}\"{}; `tollgate send` lists them", name,
                did_you_mean(name, names_of_providers()));
}

Result<const Sample*> find_sample(const Provider& provider, const std::string& type) {
    if (!provider.why_not_sent.empty()) return fail(ErrorCode::invalid, "{}", provider.why_not_sent);
    for (const Sample& each : provider.samples) {
        if (each.type == type) return &each;
    }
    return fail(ErrorCode::invalid,
                "there is no sample \"{}\" of {}{}; `tollgate send --provider {}` lists them", type,
                provider.name, did_you_mean(type, types_of(std::string{provider.name})), provider.name);
}

Result<SampleSender> SampleSender::make() {
    auto client = http::Client::make(
        {.addresses = http::any_address, .plain_http = [](std::string_view) { return true; }});
    if (!client) return std::unexpected{client.error()};
    return SampleSender{std::move(*client)};
}

Result<http::ClientResponse> SampleSender::post(providers::Delivery delivery, const std::string& to) const {
    return http::await_from_here(threads_->executor(0), client_.fetch({.method = http::Method::post,
                                                                       .url = to,
                                                                       .headers = std::move(delivery.headers),
                                                                       .body = std::move(delivery.body)}));
}

}  // namespace tollgate
