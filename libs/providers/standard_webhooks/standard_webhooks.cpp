#include "providers/standard_webhooks/standard_webhooks.hpp"

#include <algorithm>

#include "crypto/base64.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"

namespace tollgate::providers::standard_webhooks {

namespace {

constexpr std::string_view private_prefix = "whsk_";
constexpr std::string_view public_prefix = "whpk_";
constexpr std::string_view shared_prefix = "whsec_";

bool is_public(const SourceSecret& secret) {
    return secret.value.reveal().starts_with(public_prefix);
}

Result<Secret> decode(const SourceSecret& secret, std::string_view prefix) {
    if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
    std::string_view text = secret.value.reveal();
    if (text.starts_with(private_prefix)) {
        return not_a_secret(secret,
                            "is the sender's private key; to verify, the public key is needed, whpk_...");
    }
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    auto bytes = decode_secret(text);
    if (!bytes) {
        return not_a_secret(secret, fmt::format("should be {} and base64: {}", prefix, bytes.error().detail));
    }
    if (bytes->empty()) return not_a_secret(secret, fmt::format("has nothing behind {}", prefix));
    return Secret{*std::move(bytes)};
}

Result<Secret> key_of(const SourceSecret& secret) {
    return decode(secret, shared_prefix);
}

Result<std::vector<StandardTrust::PublicKey>> public_keys_of(std::span<const SourceSecret> secrets) {
    std::vector<StandardTrust::PublicKey> keys;
    for (const SourceSecret& secret : secrets) {
        if (!is_public(secret)) continue;
        const auto bytes = decode(secret, public_prefix);
        if (!bytes) return std::unexpected{bytes.error()};
        auto key = crypto::Ed25519PublicKey::make(bytes->reveal());
        if (!key) return not_a_secret(secret, key.error().detail);
        keys.emplace_back(secret, *std::move(key));
    }
    return keys;
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    return deliver_as(webhook_headers, settings, secret, sample, now);
}

}  // namespace

Result<std::string> decode_secret(std::string_view base64) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t count = std::min(base64.find('='), base64.size());
    std::string text{base64};
    const std::size_t value = count == 0 ? std::string_view::npos : digits.find(text[count - 1]);
    if (value != std::string_view::npos && count % 4 == 2) text[count - 1] = digits[value & 0x30U];
    if (value != std::string_view::npos && count % 4 == 3) text[count - 1] = digits[value & 0x3CU];
    const Secret kept{std::move(text)};
    return crypto::base64_decode(kept.reveal(), crypto::Padding::optional);
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    const auto tolerance = read_tolerance(*reader);
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    std::vector<SourceSecret> shared;
    for (const SourceSecret& secret : secrets) {
        if (!is_public(secret)) shared.push_back(secret);
    }
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, shared, key_of);
    if (!prepared) return std::unexpected{prepared.error()};
    auto keys = public_keys_of(secrets);
    if (!keys) return std::unexpected{keys.error()};
    return std::make_shared<StandardTrust>(*std::move(prepared), *std::move(keys), tolerance);
}

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    // A message can be sent again by hand as long as its sender keeps it: with Svix 90 days.
    static const Provider row{.name = "standard_webhooks",
                              .title = "Standard Webhooks",
                              .keys_live = std::chrono::days{100},
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::standard_webhooks
