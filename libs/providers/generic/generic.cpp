#include "providers/generic/generic.hpp"

#include <algorithm>
#include <array>

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::generic {

namespace {

Result<Secret> decoded(const SourceSecret& secret, Result<std::string> bytes) {
    if (!bytes)
        return not_a_secret(secret,
                            fmt::format("is not as \"secret_encoding\" says: {}", bytes.error().detail));
    return Secret{*std::move(bytes)};
}

// Any bytes: nobody knows what the sender's secrets look like.
Result<Secret> from_text(const SourceSecret& secret) {
    return secret.value;
}

Result<Secret> from_hex(const SourceSecret& secret) {
    return decoded(secret, crypto::hex_decode(secret.value.reveal()));
}

Result<Secret> from_base64(const SourceSecret& secret) {
    return decoded(secret, crypto::base64_decode(secret.value.reveal(), crypto::Padding::optional));
}

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto read = read_settings(settings);
    if (!read) return std::unexpected{read.error()};
    const bool hmac = read->how == How::hmac;
    auto prepared = HmacSecrets::make(read->hmac.hash, hmac ? secrets : std::span<const SourceSecret>{},
                                      key_of(read->hmac));
    if (!prepared) return std::unexpected{prepared.error()};
    auto sent = SentSecrets::make(hmac ? std::span<const SourceSecret>{} : secrets);
    if (!sent) return std::unexpected{sent.error()};
    return std::make_shared<GenericTrust>(*std::move(read), *std::move(prepared), *std::move(sent));
}

}  // namespace

bool GenericTrust::needs_url() const {
    return std::ranges::find(settings.hmac.pieces, Piece::Kind::url, &Piece::kind) !=
           settings.hmac.pieces.end();
}

KeyOf key_of(const HmacSettings& settings) {
    return std::array{from_text, from_hex, from_base64}[settings.secret_encoding];
}

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "generic",
                              .title = "Generic webhook",
                              .keys_live = std::nullopt,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::generic
