// A header of the form "t=1700000000,v1=5257a8...,v1=...": a signed time and signatures, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/proof_header.hpp"

namespace tollgate::providers {

struct PartNames {
    std::string_view separator;  // between parts: ","
    std::string_view time;       // empty where no time is among them
    std::string_view signature;
};

struct SignatureParts {
    std::string_view time;  // as written, because it is signed so
    std::vector<std::string_view> signatures;
};

// Other parts are skipped; a part without "=", no time or two, and more than signatures_max signatures are
// malformed, and no signature at all is proof_unknown.
Checked<SignatureParts> read_signature_parts(std::string_view value, const PartNames& names,
                                             std::string_view where);

// Those of the texts that can be a signature at all. If none can, why the first cannot.
Checked<std::vector<std::string>> decode_signatures(const std::vector<std::string_view>& texts,
                                                    Encoding encoding, std::size_t bytes,
                                                    std::string_view where);

}  // namespace tollgate::providers
