// A payment provider of schools: the body is signed (X-Signature, HMAC-SHA256, hexadecimal), the school's
// code in X-School-Code is not. The body is checked in full, because its sender is told what is wrong with
// it.
//
// Settings: "account" (the school's code). It is compared with an unsigned header, so it finds mistakes, not
// forgers; each school's source has a secret of its own for those.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::school {

const Provider& provider();

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::school
