#include "providers/signing.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/random.hpp"

namespace tollgate::providers {

Result<std::shared_ptr<const Trust>> settings_are_good(const Provider& provider, std::string_view settings,
                                                       const Secret& secret) {
    const SourceSecret one{.id = {}, .value = secret};
    return provider.make_trust(settings, {&one, 1});
}

Secret make_hex_secret(std::size_t bytes, std::string_view prefix) {
    return Secret{fmt::format("{}{}", prefix, crypto::hex_encode(crypto::random_bytes(bytes)))};
}

Secret make_hex_secret() {
    return make_hex_secret(32);
}

std::string unix_seconds(Timestamp now) {
    return fmt::format("{}", std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

void add_unless_there(http::Headers& headers, std::string_view name, std::string_view value) {
    if (!headers.contains(name)) headers.add(name, value);
}

Delivery delivery_of(const Sample& sample, std::string_view content_type) {
    Delivery delivery{.headers = sample.headers, .body = std::string{sample.body}};
    add_unless_there(delivery.headers, "Content-Type", content_type);
    return delivery;
}

std::string id_from_body(std::string_view body) {
    const std::string digest = crypto::sha256(body);
    Uuid id;
    std::ranges::transform(digest.substr(0, id.bytes.size()), id.bytes.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    return id.text();
}

}  // namespace tollgate::providers
