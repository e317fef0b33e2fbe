// Providers that sign nothing and send a secret along: in a header, or as the password of HTTP's basic
// authentication. Nothing covers the bytes, so who has seen one request can make others.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

class SentSecrets {
public:
    SentSecrets() = default;
    static Result<SentSecrets> make(std::span<const SourceSecret> secrets);

    // The whole check of one header that holds the secret behind the prefix.
    Verdict verify_token(const http::Headers& headers, std::string_view header, std::string_view prefix,
                         Timestamp now) const;
    // The same where it is the password of that user.
    Verdict verify_basic(const http::Headers& headers, std::string_view user, Timestamp now) const;

private:
    Verdict compare(std::string_view offered, std::string_view where, Timestamp now) const;

    std::vector<SourceSecret> secrets_;
};

// "Basic ..."
std::string basic_credentials(std::string_view user, const Secret& password);

// With a colon in it, or empty, it can be nobody's name.
bool is_basic_user(std::string_view user);

}  // namespace tollgate::providers
