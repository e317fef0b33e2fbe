// Standard Webhooks (standardwebhooks.com), and Svix, which it comes from: id and time stand in headers and
// are signed with the body. "v1" is an HMAC-SHA256, "v1a" an Ed25519 signature; headers are webhook-* or
// svix-*.
//
// Secrets: whsec_ and base64 (or the base64 alone) for v1, whpk_ and base64 for v1a; a source may have both.
// Settings: "tolerance" (seconds).
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::standard_webhooks {

const Provider& provider();

struct StandardTrust final : Trust {
    using PublicKey = DatedKey<crypto::Ed25519PublicKey>;

    StandardTrust(HmacSecrets prepared, std::vector<PublicKey> keys, std::chrono::seconds tolerated)
        : secrets{std::move(prepared)}, public_keys{std::move(keys)}, tolerance{tolerated} {}

    HmacSecrets secrets;
    std::vector<PublicKey> public_keys;
    std::chrono::seconds tolerance;
};

// The three headers of one family; never some of one and some of the other.
struct HeaderNames {
    std::string_view id;
    std::string_view timestamp;
    std::string_view signature;
};
constexpr HeaderNames webhook_headers{"webhook-id", "webhook-timestamp", "webhook-signature"};
constexpr HeaderNames svix_headers{"svix-id", "svix-timestamp", "svix-signature"};
const HeaderNames& headers_of(const http::Headers& headers);

// The bytes of a secret's base64. Other libraries ignore the bits behind the last whole byte, and there are
// secrets that have some; a secret, unlike a signature, may have more than one spelling.
Result<std::string> decode_secret(std::string_view base64);

// These are Resend's too, which sends by Svix.
Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets);
Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Secret make_secret();
Result<Delivery> deliver_as(const HeaderNames& names, std::string_view settings, const Secret& secret,
                            const Sample& sample, Timestamp now);

Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::standard_webhooks
