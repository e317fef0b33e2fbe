// GitHub: the body is signed (HMAC-SHA256, hexadecimal), as JSON or as a form that has the JSON in "payload".
// The id and the type stand in headers that are not signed, so an event whose body is of no other is also
// known by it.
//
// Settings: "account" (the owner and name of the repository, or else the organisation), "accept_legacy"
// (false: whether X-Hub-Signature, with SHA-1, does where the newer header is not there).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::github {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::github
