#include "providers/signature_parts.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::providers {

namespace {

std::string_view without_spaces_around(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

Checked<SignatureParts> read_signature_parts(std::string_view value, const PartNames& names,
                                             std::string_view where) {
    SignatureParts parts;
    bool timed = false;
    while (!value.empty()) {
        const std::string_view part = value.substr(0, value.find(names.separator));
        value.remove_prefix(std::min(part.size() + names.separator.size(), value.size()));
        const std::string_view pair = without_spaces_around(part);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return refuse(Reason::proof_malformed, where, "has a part that is not name=value");
        }
        const std::string_view name = pair.substr(0, equals);
        if (!names.time.empty() && name == names.time) {
            if (timed) return refuse(Reason::proof_malformed, where, fmt::format("has {}= twice", name));
            timed = true;
            parts.time = pair.substr(equals + 1);
            if (parts.time.empty()) {
                return refuse(Reason::proof_malformed, where, fmt::format("has nothing behind {}=", name));
            }
        } else if (name == names.signature) {
            parts.signatures.push_back(pair.substr(equals + 1));
        }
    }
    if (!names.time.empty() && !timed) {
        return refuse(Reason::proof_malformed, where, fmt::format("has no {}=", names.time));
    }
    if (parts.signatures.empty()) {
        return refuse(Reason::proof_unknown, where, fmt::format("has no {}=", names.signature));
    }
    if (parts.signatures.size() > signatures_max) {
        return refuse(
            Reason::proof_malformed, where,
            fmt::format("has {} signatures, at most {} are read", parts.signatures.size(), signatures_max));
    }
    return parts;
}

Checked<std::vector<std::string>> decode_signatures(const std::vector<std::string_view>& texts,
                                                    Encoding encoding, std::size_t bytes,
                                                    std::string_view where) {
    std::vector<std::string> signatures;
    std::optional<Refused> first;
    for (const std::string_view text : texts) {
        auto signature = decode_signature(text, encoding, bytes, where);
        if (signature) {
            signatures.push_back(*std::move(signature));
        } else if (!first) {
            first = std::move(signature).error();
        }
    }
    if (signatures.empty() && first) return std::unexpected{*std::move(first)};
    return signatures;
}

}  // namespace tollgate::providers
