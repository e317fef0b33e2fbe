// Resend sends by Svix: signatures are those of standard_webhooks, with svix-* headers. Events are about
// e-mails, contacts and domains.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::resend {

const Provider& provider();

Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::resend
