// What there is to attack at each provider: one table, and a provider that is not in it fails.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/hmac.hpp"
#include "providers/proof_header.hpp"

namespace tollgate::providers::testing {

// Where a body holds its own proof: the texts around it, and what stands between two of such.
struct InBody {
    std::string_view begin;
    std::string_view end;
    std::string_view separator{};
};

struct Row {
    std::string_view provider;
    std::string_view proof;  // the header or the field that carries it
    // The name of an algorithm or a version in its value, and another that is not accepted; empty: none.
    std::string_view named{};
    std::string_view other{};
    std::string_view time_header{};  // where the signed time stands; empty: no time is signed
    std::string_view noon_text = "1764072000";
    std::string_view later_text = "1766664000";  // thirty days later
    // Where nothing but the body is signed: with what.
    std::optional<crypto::HmacHash> body_hash{};
    Encoding encoding = Encoding::hex;
    bool may_come_twice = false;
    std::optional<InBody> in_body{};
    std::string_view
        covered{};  // behind it stands a byte that the proof covers; empty: it covers all of them
    std::string_view sample{};
};

const std::vector<Row>& rows();

}  // namespace tollgate::providers::testing
