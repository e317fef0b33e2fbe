#include "providers/sent_secret.hpp"

#include "crypto/base64.hpp"
#include "crypto/constant_time.hpp"
#include "providers/hmac_secrets.hpp"

namespace tollgate::providers {

namespace {

constexpr std::string_view authorization = "Authorization";
constexpr std::string_view basic = "Basic ";

}  // namespace

Result<SentSecrets> SentSecrets::make(std::span<const SourceSecret> secrets) {
    SentSecrets made;
    for (const SourceSecret& secret : secrets) {
        if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
        made.secrets_.push_back(secret);
    }
    return made;
}

Verdict SentSecrets::compare(std::string_view offered, std::string_view where, Timestamp now) const {
    for (const SourceSecret& secret : secrets_) {
        if (is_valid_at(secret, now) && crypto::constant_time_equal(secret.value.reveal(), offered))
            return Verified{.proof = Proof::token, .secret = secret.id};
    }
    return Refused{Reason::proof_wrong, fmt::format("{}: is none of the secrets", where)};
}

Verdict SentSecrets::verify_token(const http::Headers& headers, std::string_view header,
                                  std::string_view prefix, Timestamp now) const {
    if (!any_valid_at(secrets_, now)) return no_secret(secrets_.size());
    const auto value = proof_header(headers, header);
    if (!value) return value.error();
    if (!value->starts_with(prefix)) {
        return Refused{Reason::proof_malformed, fmt::format("{}: does not begin as \"prefix\" says", header)};
    }
    return compare(value->substr(prefix.size()), header, now);
}

Verdict SentSecrets::verify_basic(const http::Headers& headers, std::string_view user, Timestamp now) const {
    if (!any_valid_at(secrets_, now)) return no_secret(secrets_.size());
    const auto value = proof_header(headers, authorization);
    if (!value) return value.error();
    if (!http::equal_ignoring_case(value->substr(0, basic.size()), basic))
        return Refused{Reason::proof_unknown, "Authorization: is not Basic"};
    auto pair = crypto::base64_decode(value->substr(basic.size()));
    if (!pair) return Refused{Reason::proof_malformed, fmt::format("Authorization: {}", pair.error().detail)};
    const Secret decoded{*std::move(pair)};
    const std::string_view text = decoded.reveal();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return Refused{Reason::proof_malformed, "Authorization: has no colon"};
    if (!crypto::constant_time_equal(text.substr(0, colon), user))
        return Refused{Reason::proof_wrong, "Authorization: is another user's"};
    return compare(text.substr(colon + 1), authorization, now);
}

std::string basic_credentials(std::string_view user, const Secret& password) {
    return "Basic " + crypto::base64_encode(fmt::format("{}:{}", user, password.reveal()));
}

bool is_basic_user(std::string_view user) {
    return !user.empty() && !user.contains(':');
}

}  // namespace tollgate::providers
