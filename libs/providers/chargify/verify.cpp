#include "crypto/constant_time.hpp"
#include "crypto/digest.hpp"
#include "providers/chargify/chargify.hpp"
#include "providers/form.hpp"
#include "providers/signed_body.hpp"

namespace tollgate::providers::chargify {

namespace {

constexpr std::string_view header = "X-Chargify-Webhook-Signature-Hmac-Sha-256";
constexpr std::string_view md5_header = "X-Chargify-Webhook-Signature";
constexpr std::size_t md5_bytes = 16;

Verdict md5_verdict(const ChargifyTrust& chargify, const Received& received, Timestamp now) {
    const auto text = proof_header(received.headers, md5_header);
    if (!text) return text.error();
    const auto signature = decode_signature(*text, Encoding::hex, md5_bytes, md5_header);
    if (!signature) return signature.error();
    for (const SourceSecret& secret : chargify.md5_secrets) {
        if (!is_valid_at(secret, now)) continue;
        const Secret signed_text{secret.value.reveal() + std::string{received.body}};
        if (crypto::constant_time_equal(crypto::md5(signed_text.reveal()), *signature)) {
            return Verified{.proof = Proof::signature, .secret = secret.id};
        }
    }
    return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the secrets", md5_header)};
}

}  // namespace

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& chargify = static_cast<const ChargifyTrust&>(trust);
    if (!chargify.secrets.any_valid_at(now)) return no_secret(chargify.secrets.size());
    const bool old = !chargify.md5_secrets.empty() && !received.headers.contains(header);
    Verdict verdict = old ? md5_verdict(chargify, received, now)
                          : verify_signed_body(chargify.secrets, {.name = header}, received, now);
    if (!std::holds_alternative<Verified>(verdict) || !chargify.account) return verdict;
    FormFields fields{received.body};
    const auto site = fields.optional("payload[site][subdomain]");
    if (fields.error()) return Refused{Reason::wrong_account, fields.error()->detail};
    if (const auto other = other_account(chargify.account, site, "payload[site][subdomain]")) return *other;
    return verdict;
}

}  // namespace tollgate::providers::chargify
