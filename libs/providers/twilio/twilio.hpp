// Twilio: the URL is signed, and behind it the form's fields in order of their names; of a JSON body, the URL
// alone, which has the body's SHA-256 in its query (HMAC-SHA1, base64). The URL is the one that was told to
// Twilio: set "url" where requests come by another. Some of its products sign it with the scheme's port, some
// without: both do. What makes an event the same is its body; the idempotency token is not signed and only
// shown.
//
// Settings: "account" (AccountSid, AC...), "url". The secret is the account's auth token.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::twilio {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::twilio
