#include "ingress/submission.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace tollgate::ingress {

Uuid half_digest(std::string_view text) {
    const std::string digest = crypto::sha256(text);
    Uuid half;
    std::copy_n(digest.begin(), half.bytes.size(), half.bytes.begin());
    return half;
}

Uuid key_of_conflict(const Uuid& key, const Uuid& fingerprint) {
    return half_digest("conflict:" + key.text() + ":" + fingerprint.text());
}

std::string_view name(Fate fate) {
    switch (fate) {
        case Fate::accepted:
            return "accepted";
        case Fate::duplicate:
            return "duplicate";
        case Fate::held:
            return "held";
    }
    return "";
}

}  // namespace tollgate::ingress
