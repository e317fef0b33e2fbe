#include "providers/provider.hpp"

#include <utility>

namespace tollgate::providers {

std::string_view name(Proof proof) {
    switch (proof) {
        case Proof::signature:
            return "signature";
        case Proof::token:
            return "token";
        case Proof::fetched:
            return "fetched";
        case Proof::none:
            return "none";
    }
    std::unreachable();
}

std::string_view name(Reason reason) {
    switch (reason) {
        case Reason::no_secret:
            return "no_secret";
        case Reason::proof_missing:
            return "proof_missing";
        case Reason::proof_malformed:
            return "proof_malformed";
        case Reason::proof_unknown:
            return "proof_unknown";
        case Reason::proof_wrong:
            return "proof_wrong";
        case Reason::too_old:
            return "too_old";
        case Reason::too_new:
            return "too_new";
        case Reason::wrong_account:
            return "wrong_account";
        case Reason::document_wrong:
            return "document_wrong";
    }
    std::unreachable();
}

std::string_view name(Mode mode) {
    switch (mode) {
        case Mode::unknown:
            return "unknown";
        case Mode::live:
            return "live";
        case Mode::test:
            return "test";
    }
    std::unreachable();
}

}  // namespace tollgate::providers
