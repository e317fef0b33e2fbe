#include "providers/generic/generic.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::generic {

namespace {

std::string written(Timestamp now, TimeFormat format) {
    if (format == TimeFormat::seconds) return unix_seconds(now);
    if (format == TimeFormat::rfc3339) return to_rfc3339(now);
    return fmt::format("{}", std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

Result<void> sign(const GenericSettings& settings, const Secret& secret, Timestamp now, std::string_view url,
                  Delivery& delivery) {
    const HmacSettings& hmac = settings.hmac;
    const std::string timestamp = written(now, hmac.timestamp_format);
    const bool in_part = hmac.timestamp && hmac.timestamp->kind == Place::Kind::part;
    if (hmac.timestamp && !in_part) delivery.headers.set(hmac.timestamp->name, timestamp);
    std::string text;
    for (const Piece& piece : hmac.pieces) {
        if (piece.kind == Piece::Kind::url && url.empty()) {
            return fail(ErrorCode::invalid,
                        "the URL is signed, and a sample does not know where it will be sent");
        }
        const bool made_up = piece.kind == Piece::Kind::header && !delivery.headers.contains(piece.text);
        if (made_up) delivery.headers.add(piece.text, id_from_body(delivery.body));
        text += piece.kind == Piece::Kind::body        ? delivery.body
                : piece.kind == Piece::Kind::timestamp ? timestamp
                : piece.kind == Piece::Kind::url       ? std::string{url}
                : piece.kind == Piece::Kind::header    ? std::string{*delivery.headers.get(piece.text)}
                                                       : piece.text;
    }
    const auto key = key_of(hmac)({.id = {}, .value = secret});
    const auto signature = key ? crypto::hmac(hmac.hash, *key, text) : std::unexpected{key.error()};
    if (!signature) return fail(ErrorCode::invalid, "{}", signature.error().detail);
    std::string value = encode_signature(*signature, hmac.encoding);
    if (hmac.part) value = fmt::format("{}={}", *hmac.part, value);
    if (in_part) value = fmt::format("{}={}{}{}", hmac.timestamp->name, timestamp, hmac.separator, value);
    delivery.headers.set(settings.header, settings.prefix + value);
    return {};
}

}  // namespace

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const GenericSettings& read = static_cast<const GenericTrust&>(**good).settings;
    Delivery delivery = delivery_of(sample, "application/json");
    if (read.id && read.id->kind == Place::Kind::header && !delivery.headers.contains(read.id->name)) {
        delivery.headers.add(read.id->name, id_from_body(sample.body));
    }
    if (read.type && read.type->kind == Place::Kind::header && !delivery.headers.contains(read.type->name)) {
        delivery.headers.add(read.type->name, sample.type);
    }
    if (read.how == How::hmac) {
        if (const auto done = sign(read, secret, now, sample.url, delivery); !done)
            return std::unexpected{done.error()};
    } else if (read.how == How::token) {
        delivery.headers.set(read.header, read.prefix + secret.reveal());
    } else {
        delivery.headers.set("Authorization", basic_credentials(read.user, secret));
    }
    return delivery;
}

}  // namespace tollgate::providers::generic
