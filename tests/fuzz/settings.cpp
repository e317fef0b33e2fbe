// Links: tollgate::providers
#include "fuzz/provider_target.hpp"

using tollgate::Secret;
using namespace tollgate::providers;

// A line that is a secret, and the settings behind it, for every provider.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::size_t end = std::min(text.find('\n'), text.size());
    const SourceSecret secret{.id = {}, .value = Secret{std::string{text.substr(0, end)}}};
    const std::string_view settings = text.substr(std::min(end + 1, text.size()));
    for (const Provider* provider : all()) {
        const auto trust = provider->make_trust(settings, {&secret, 1});
        fuzzing::must(trust || trust.error().code == tollgate::ErrorCode::invalid,
                      "a wrong setting is invalid");
        const auto delivery =
            provider->deliver(settings, secret.value, provider->samples.front(), fuzzing::noon);
        if (!trust || !delivery) continue;
        const Received received{.url = "", .headers = delivery->headers, .body = delivery->body};
        const Verdict verdict = provider->verify(**trust, received, fuzzing::noon, {});
        // Samples are of an account of their own, and an id with a dot is refused.
        const auto* refused = std::get_if<Refused>(&verdict);
        fuzzing::must(refused == nullptr || refused->reason == Reason::wrong_account ||
                          refused->reason == Reason::proof_malformed ||
                          refused->reason == Reason::proof_missing,
                      fmt::format("what we sign as {} verifies: {}", provider->name,
                                  refused == nullptr ? "" : name(refused->reason)));
        fuzzing::check_items(provider->identify(**trust, received, {}), received);
    }
    return 0;
}
