#include <algorithm>
#include <array>

#include "providers/signature_parts.hpp"
#include "providers/signed_time.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::standard_webhooks {

namespace {

constexpr std::size_t id_bytes_max = 256;

// The signatures of a header by version: "v1,K5oZ... v1a,hnO3... v2,...".
struct Offered {
    std::vector<std::string_view> shared;      // v1
    std::vector<std::string_view> public_key;  // v1a
};

Checked<Offered> read_signatures(std::string_view value, std::string_view where) {
    Offered offered;
    std::size_t count = 0;
    while (!value.empty()) {
        const std::string_view entry = value.substr(0, value.find(' '));
        value.remove_prefix(std::min(entry.size() + 1, value.size()));
        if (++count > signatures_max) {
            return refuse(Reason::proof_malformed, where,
                          fmt::format("has more than {} signatures", signatures_max));
        }
        if (entry.starts_with("v1,")) offered.shared.push_back(entry.substr(3));
        if (entry.starts_with("v1a,")) offered.public_key.push_back(entry.substr(4));
    }
    return offered;
}

struct Message {
    std::string_view id;
    std::string_view timestamp;
    std::string_view body;
};

// With a dot in the id, its end could be told as the time, and the time as the beginning of the body.
Checked<Message> read_message(const Received& received, const HeaderNames& names) {
    const auto id = proof_header(received.headers, names.id, id_bytes_max);
    if (!id) return std::unexpected{id.error()};
    if (id->find('.') != std::string_view::npos)
        return refuse(Reason::proof_malformed, names.id, "has a dot in it");
    const auto timestamp = proof_header(received.headers, names.timestamp);
    if (!timestamp) return std::unexpected{timestamp.error()};
    return Message{*id, *timestamp, received.body};
}

// By which secret of one kind, if any. An error is that no text can be a signature of this kind.
Checked<std::optional<Uuid>> shared_signer(const StandardTrust& trust, const Message& message,
                                           const std::vector<std::string_view>& texts, Timestamp now,
                                           std::string_view where) {
    const auto signatures = decode_signatures(texts, Encoding::base64, bytes_of(trust.secrets.hash()), where);
    if (!signatures) return std::unexpected{signatures.error()};
    const std::array<std::string_view, 5> parts{message.id, ".", message.timestamp, ".", message.body};
    return trust.secrets.signer(parts, *signatures, now);
}

Checked<std::optional<Uuid>> public_signer(const StandardTrust& trust, const Message& message,
                                           const std::vector<std::string_view>& texts, Timestamp now,
                                           std::string_view where) {
    const auto signatures =
        decode_signatures(texts, Encoding::base64, crypto::ed25519_signature_bytes, where);
    if (!signatures) return std::unexpected{signatures.error()};
    const std::string signed_text = fmt::format("{}.{}.{}", message.id, message.timestamp, message.body);
    for (const auto& key : trust.public_keys) {
        if (!is_valid_at(key, now)) continue;
        const auto fits = [&](const std::string& signature) {
            return key.key.verifies(signed_text, signature);
        };
        if (std::ranges::any_of(*signatures, fits)) return key.id;
    }
    return std::nullopt;
}

// Each version is held against the secrets of its kind.
Checked<Uuid> signer(const StandardTrust& trust, const Message& message, const Offered& offered,
                     Timestamp now, std::string_view where) {
    std::vector<Checked<std::optional<Uuid>>> answers;
    if (trust.secrets.any_valid_at(now) && !offered.shared.empty()) {
        answers.push_back(shared_signer(trust, message, offered.shared, now, where));
    }
    if (any_valid_at(trust.public_keys, now) && !offered.public_key.empty()) {
        answers.push_back(public_signer(trust, message, offered.public_key, now, where));
    }
    if (answers.empty()) {
        return refuse(Reason::proof_unknown, where,
                      fmt::format("has {} signatures of v1 and {} of v1a, and the source no secret for those",
                                  offered.shared.size(), offered.public_key.size()));
    }
    for (const auto& answer : answers) {
        if (answer && *answer) return **answer;
    }
    const auto compared = [](const auto& answer) { return answer.has_value(); };
    if (std::ranges::none_of(answers, compared)) return std::unexpected{answers.front().error()};
    return refuse(Reason::proof_wrong, where, "fits none of the secrets");
}

}  // namespace

const HeaderNames& headers_of(const http::Headers& headers) {
    return headers.contains(svix_headers.signature) ? svix_headers : webhook_headers;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& standard = static_cast<const StandardTrust&>(trust);
    if (!standard.secrets.any_valid_at(now) && !any_valid_at(standard.public_keys, now)) {
        return no_secret(standard.secrets.size() + standard.public_keys.size());
    }
    const HeaderNames& names = headers_of(received.headers);
    const auto value = proof_header(received.headers, names.signature);
    if (!value) return value.error();
    const auto message = read_message(received, names);
    if (!message) return message.error();
    const auto signed_at = read_unix_seconds(message->timestamp);
    if (!signed_at)
        return Refused{Reason::proof_malformed, fmt::format("{}: is no time in seconds", names.timestamp)};
    const auto offered = read_signatures(*value, names.signature);
    if (!offered) return offered.error();
    const auto secret = signer(standard, *message, *offered, now, names.signature);
    if (!secret) return secret.error();
    if (const auto outside = outside_tolerance(*signed_at, now, standard.tolerance, names.timestamp))
        return *outside;
    return Verified{.proof = Proof::signature, .secret = *secret};
}

}  // namespace tollgate::providers::standard_webhooks
