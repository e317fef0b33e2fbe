// A provider that is configured, not coded: the source's settings say how it proves itself and where an
// event's id and type stand. With no more than "id": an HMAC-SHA256 of the body, in lower-case hexadecimal,
// in X-Signature.
//
// How it proves itself, "proof":
//   "hmac" (default)  "header", "algorithm" (sha256, sha1, sha512), "encoding" (hex, base64), "prefix"
//   ("sha256="),
//                     "signed" ("{timestamp}.{body}"; also {url}, {header:NAME}), "secret_encoding" (text,
//                     hex, base64), "timestamp" ("header:X-Time"), "timestamp_format" (seconds, milliseconds,
//                     rfc3339), "tolerance". Where the header is a list, "t=...,v1=...": "part" ("v1"),
//                     "separator" (","; or ";"), and the time may be "part:t".
//   "token"           the secret itself, in "header", behind "prefix"
//   "basic"           Authorization: Basic, with "user"; the secret is the password
// What is in it, each a JSON pointer ("/data/id") or a header ("header:X-Event-Id"):
//   "id", "type", "time", "account", "subject", "ordering_key". "body_is_unique" (true: no two events have
//   one body) lets an event be known by its body: alone where there is no "id", and besides its id where that
//   is not signed. One of the two must be there
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/sample_file.hpp"
#include "providers/sent_secret.hpp"

namespace tollgate::providers {
class SettingsReader;
}

namespace tollgate::providers::generic {

const Provider& provider();

enum class How { hmac, token, basic };
enum class TimeFormat { seconds, milliseconds, rfc3339 };

// Of the signed bytes.
struct Piece {
    enum class Kind { literal, body, timestamp, url, header };
    Kind kind = Kind::literal;
    std::string text;  // the literal, or the header's name
};

// Where a value stands.
struct Place {
    enum class Kind { pointer, header, part };
    Kind kind = Kind::pointer;
    std::string name;
};

struct HmacSettings {
    crypto::HmacHash hash = crypto::HmacHash::sha256;
    Encoding encoding = Encoding::hex;
    std::size_t secret_encoding = 0;  // text, hex, base64
    std::vector<Piece> pieces;
    std::optional<Place> timestamp;
    TimeFormat timestamp_format = TimeFormat::seconds;
    std::chrono::seconds tolerance{};
    std::optional<std::string> part;  // the signature's name, where the header is a list
    std::string separator;
};

struct GenericSettings {
    How how = How::hmac;
    std::string header;
    std::string prefix;
    std::string user;
    HmacSettings hmac;
    std::optional<Place> id;
    std::optional<Place> type;
    std::optional<Place> time;
    std::optional<Place> account;
    std::optional<Place> subject;
    std::optional<Place> ordering_key;
    bool body_is_unique = false;
};

Result<GenericSettings> read_settings(std::string_view settings);

struct GenericTrust final : Trust {
    GenericTrust(GenericSettings read, HmacSecrets prepared, SentSecrets kept)
        : settings{std::move(read)}, secrets{std::move(prepared)}, sent{std::move(kept)} {}

    bool needs_url() const override;

    GenericSettings settings;
    HmacSecrets secrets;  // empty unless it is an HMAC
    SentSecrets sent;     // those that are sent along
};

// The key bytes of a secret as "secret_encoding" has it.
KeyOf key_of(const HmacSettings& settings);

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::generic
