// Slack: the time and the body are signed (HMAC-SHA256, hexadecimal). The question that Slack asks of a new
// URL is answered with its challenge, once its signature is good. Bodies are JSON, or forms: a command, or an
// interaction with the JSON in "payload".
//
// Settings: "tolerance" (seconds), "account" (the workspace, T...).
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::slack {

const Provider& provider();
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::slack
