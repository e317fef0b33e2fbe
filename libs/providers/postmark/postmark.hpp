// Postmark: nothing is signed; the URL that it is told has a user and a password in it. An event has no id of
// its own: the message's, with what happened to it, for whom and when, stands for one.
//
// Settings: "user" (tollgate). The secret is the password.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::postmark {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::postmark
