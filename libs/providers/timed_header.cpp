#include "providers/timed_header.hpp"

#include <array>

#include "crypto/hex.hpp"
#include "providers/signed_time.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers {

Verdict verify_timed(const HmacSecrets& secrets, const TimedHeader& header, std::chrono::seconds tolerance,
                     const Received& received, Timestamp now) {
    if (!secrets.any_valid_at(now)) return no_secret(secrets.size());
    const auto value = proof_header(received.headers, header.name);
    if (!value) return value.error();
    const auto parts = read_signature_parts(*value, header.parts, header.name);
    if (!parts) return parts.error();
    const auto signed_at = read_unix_seconds(parts->time);
    if (!signed_at) {
        return Refused{Reason::proof_malformed,
                       fmt::format("{}: {}= is no time in seconds", header.name, header.parts.time)};
    }
    const auto signatures =
        decode_signatures(parts->signatures, Encoding::hex, bytes_of(secrets.hash()), header.name);
    if (!signatures) return signatures.error();
    const auto secret = secrets.signer(
        std::array<std::string_view, 3>{parts->time, header.joint, received.body}, *signatures, now);
    if (!secret)
        return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the secrets", header.name)};
    if (const auto outside = outside_tolerance(*signed_at, now, tolerance, header.parts.time))
        return Refused{outside->reason, fmt::format("{}: {}", header.name, outside->where)};
    return Verified{.proof = Proof::signature, .secret = secret};
}

Result<Delivery> deliver_timed(const Provider& provider, const TimedHeader& header, std::string_view settings,
                               const Secret& secret, const Sample& sample, Timestamp now) {
    const auto good = settings_are_good(provider, settings, secret);
    if (!good) return std::unexpected{good.error()};
    const std::string time = unix_seconds(now);
    const auto key = crypto::HmacKey::make(crypto::HmacHash::sha256, secret);
    if (!key) return std::unexpected{key.error()};
    Delivery delivery = delivery_of(sample, header.content_type);
    const auto& [separator, time_name, signature_name] = header.parts;
    delivery.headers.set(header.name,
                         fmt::format("{}={}{}{}={}", time_name, time, separator, signature_name,
                                     crypto::hex_encode(key->sign({time, header.joint, sample.body}))));
    return delivery;
}

}  // namespace tollgate::providers
