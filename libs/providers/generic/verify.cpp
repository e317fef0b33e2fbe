#include "providers/generic/generic.hpp"
#include "providers/signature_parts.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers::generic {

namespace {

std::optional<Timestamp> read_timestamp(std::string_view text, TimeFormat format) {
    if (format == TimeFormat::seconds) return read_unix_seconds(text);
    if (format == TimeFormat::milliseconds) return read_unix_milliseconds(text);
    const auto time = parse_rfc3339(text);
    return time ? std::optional{*time} : std::nullopt;
}

Checked<std::string_view> behind_prefix(std::string_view text, const GenericSettings& settings) {
    if (text.starts_with(settings.prefix)) return text.substr(settings.prefix.size());
    return refuse(Reason::proof_malformed, settings.header, "does not begin as \"prefix\" says");
}

// The signatures that the header holds, and the time if it is a part of it.
Checked<SignatureParts> read_parts(const GenericSettings& settings, const http::Headers& headers) {
    const auto value = proof_header(headers, settings.header);
    if (!value) return std::unexpected{value.error()};
    const auto text = behind_prefix(*value, settings);
    if (!text) return std::unexpected{text.error()};
    const HmacSettings& hmac = settings.hmac;
    if (!hmac.part) return SignatureParts{.signatures = {*text}};
    const bool timed = hmac.timestamp && hmac.timestamp->kind == Place::Kind::part;
    return read_signature_parts(*text,
                                {.separator = hmac.separator,
                                 .time = timed ? hmac.timestamp->name : std::string_view{},
                                 .signature = *hmac.part},
                                settings.header);
}

// The signed bytes, in pieces. A header that is signed must be there: an empty one is as good as none.
Checked<std::vector<std::string_view>> signed_bytes(const HmacSettings& hmac, const Received& received,
                                                    std::string_view timestamp) {
    std::vector<std::string_view> bytes;
    for (const Piece& piece : hmac.pieces) {
        switch (piece.kind) {
            case Piece::Kind::literal:
                bytes.push_back(piece.text);
                break;
            case Piece::Kind::body:
                bytes.push_back(received.body);
                break;
            case Piece::Kind::timestamp:
                bytes.push_back(timestamp);
                break;
            case Piece::Kind::url:
                bytes.push_back(received.url);
                break;
            case Piece::Kind::header: {
                const auto value = proof_header(received.headers, piece.text);
                if (!value) return std::unexpected{value.error()};
                bytes.push_back(*value);
                break;
            }
        }
    }
    return bytes;
}

Verdict verify_hmac(const GenericTrust& trust, const Received& received, Timestamp now) {
    const GenericSettings& settings = trust.settings;
    const HmacSettings& hmac = settings.hmac;
    if (!trust.secrets.any_valid_at(now)) return no_secret(trust.secrets.size());
    const auto parts = read_parts(settings, received.headers);
    if (!parts) return parts.error();
    const auto signatures =
        decode_signatures(parts->signatures, hmac.encoding, bytes_of(hmac.hash), settings.header);
    if (!signatures) return signatures.error();
    std::string_view timestamp = parts->time;
    if (hmac.timestamp && hmac.timestamp->kind == Place::Kind::header) {
        const auto value = proof_header(received.headers, hmac.timestamp->name);
        if (!value) return value.error();
        timestamp = *value;
    }
    const auto signed_at =
        hmac.timestamp ? read_timestamp(timestamp, hmac.timestamp_format) : std::optional{Timestamp{}};
    if (!signed_at) {
        return Refused{Reason::proof_malformed,
                       fmt::format("{}: is no time as \"timestamp_format\" says", hmac.timestamp->name)};
    }
    const auto bytes = signed_bytes(hmac, received, timestamp);
    if (!bytes) return bytes.error();
    const auto secret = trust.secrets.signer(*bytes, *signatures, now);
    if (!secret)
        return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the secrets", settings.header)};
    if (hmac.timestamp) {
        const auto outside = outside_tolerance(*signed_at, now, hmac.tolerance, hmac.timestamp->name);
        if (outside) return *outside;
    }
    return Verified{.proof = Proof::signature, .secret = secret};
}

Verdict verify_sent(const GenericTrust& trust, const Received& received, Timestamp now) {
    const GenericSettings& settings = trust.settings;
    return settings.how == How::token
               ? trust.sent.verify_token(received.headers, settings.header, settings.prefix, now)
               : trust.sent.verify_basic(received.headers, settings.user, now);
}

}  // namespace

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& generic = static_cast<const GenericTrust&>(trust);
    return generic.settings.how == How::hmac ? verify_hmac(generic, received, now)
                                             : verify_sent(generic, received, now);
}

}  // namespace tollgate::providers::generic
