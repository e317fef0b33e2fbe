#include "providers/signed_body.hpp"

#include "providers/signing.hpp"

namespace tollgate::providers {

Verdict verify_signed(const HmacSecrets& secrets, const SignatureHeader& header, const Received& received,
                      HmacSecrets::Parts parts, Timestamp now) {
    if (!secrets.any_valid_at(now)) return no_secret(secrets.size());
    const auto value = proof_header(received.headers, header.name);
    if (!value) return value.error();
    if (!value->starts_with(header.prefix)) {
        return Refused{Reason::proof_malformed,
                       fmt::format("{}: does not begin with {}", header.name, header.prefix)};
    }
    const auto signature = decode_signature(value->substr(header.prefix.size()), header.encoding,
                                            bytes_of(secrets.hash()), header.name);
    if (!signature) return signature.error();
    const auto secret = secrets.signer(parts, {&*signature, 1}, now);
    if (!secret)
        return Refused{Reason::proof_wrong, fmt::format("{}: fits none of the secrets", header.name)};
    return Verified{.proof = Proof::signature, .secret = secret};
}

Verdict verify_signed_body(const HmacSecrets& secrets, const SignatureHeader& header,
                           const Received& received, Timestamp now) {
    return verify_signed(secrets, header, received, {&received.body, 1}, now);
}

Result<Delivery> deliver_signed(const Sample& sample, const SignatureHeader& header, crypto::HmacHash hash,
                                const Secret& secret, HmacSecrets::Parts parts) {
    const auto key = crypto::HmacKey::make(hash, secret);
    if (!key) return std::unexpected{key.error()};
    Delivery delivery = delivery_of(sample, "application/json");
    delivery.headers.set(
        header.name, fmt::format("{}{}", header.prefix, encode_signature(key->sign(parts), header.encoding)));
    return delivery;
}

Result<Delivery> deliver_signed_body(const Provider& provider, const SignatureHeader& header,
                                     crypto::HmacHash hash, std::string_view settings, const Secret& secret,
                                     const Sample& sample) {
    const auto good = settings_are_good(provider, settings, secret);
    if (!good) return std::unexpected{good.error()};
    return deliver_signed(sample, header, hash, secret, {&sample.body, 1});
}

Verdict with_url_told(Verdict verdict, std::string_view url) {
    auto* const refused = std::get_if<Refused>(&verdict);
    if (refused == nullptr || refused->reason != Reason::proof_wrong) return verdict;
    const std::string_view told = url.substr(0, url.find('?'));
    const std::size_t scheme = told.find("://");
    const std::size_t at = told.substr(0, told.find('/', scheme + 3)).rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos) {
        refused->where += fmt::format(", signed for {}", told);
    } else {
        refused->where += fmt::format(", signed for {}{}", told.substr(0, scheme + 3), told.substr(at + 1));
    }
    return verdict;
}

Result<std::string_view> signed_url(const Trust& trust, const Sample& sample) {
    const auto& url = static_cast<const AccountTrust&>(trust).url;
    if (url) return std::string_view{*url};
    if (!sample.url.empty()) return sample.url;
    return fail(ErrorCode::invalid,
                "the URL is signed, and a sample does not know where it will be sent; set \"url\"");
}

}  // namespace tollgate::providers
