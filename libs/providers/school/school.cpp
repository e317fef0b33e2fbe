#include "providers/school/school.hpp"

#include "providers/samples.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::school {

namespace {

constexpr std::string_view signature_header = "X-Signature";
constexpr std::string_view code_header = "X-School-Code";

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, as_pasted);
}

}  // namespace

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& school = static_cast<const AccountTrust&>(trust);
    Verdict verdict = verify_signed_body(school.secrets, {.name = signature_header}, received, now);
    if (!std::holds_alternative<Verified>(verdict)) return verdict;
    const auto code = received.headers.get(code_header);
    const auto sent = code ? std::optional<std::string>{*code} : std::nullopt;
    if (const auto other = other_account(school.account, sent, code_header)) return *other;
    return verdict;
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp /*now*/) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    auto delivery = deliver_signed(sample, {.name = signature_header}, crypto::HmacHash::sha256, secret,
                                   {&sample.body, 1});
    const auto& pinned = static_cast<const AccountTrust&>(**good).account;
    if (delivery) add_unless_there(delivery->headers, code_header, pinned.value_or("SCH-001"));
    return delivery;
}

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "school",
                              .title = "School payments",
                              .keys_live = std::nullopt,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::school
