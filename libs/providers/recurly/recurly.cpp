#include "providers/recurly/recurly.hpp"

#include <algorithm>
#include <array>

#include "providers/event_places.hpp"
#include "providers/normalise.hpp"
#include "providers/samples.hpp"
#include "providers/signature_parts.hpp"
#include "providers/signed_body.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::recurly {

namespace {

constexpr std::string_view header = "Recurly-Signature";

constexpr EventPlaces places{.type = {"/object_type", "/event_type"},
                             .id = {"/id", "/object_type", "/event_type", "/event_time"},
                             .account = "/site_id",
                             .subject = {"/id"},
                             .ordering_key = {"/account_code"},
                             .time = {"/event_time"}};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    return make_account_trust(settings, secrets, as_pasted, {.tolerance = tolerance_default});
}

// "1663103921000,aa69bf...,00cd12..."
Checked<SignatureParts> read_parts(std::string_view value) {
    SignatureParts parts;
    for (bool first = true; first || !value.empty(); first = false) {
        const std::string_view part = value.substr(0, value.find(','));
        value.remove_prefix(std::min(part.size() + 1, value.size()));
        if (first) {
            parts.time = part;
        } else {
            parts.signatures.push_back(part);
        }
    }
    if (parts.signatures.empty())
        return refuse(Reason::proof_malformed, header, "has no signature behind the time");
    if (parts.signatures.size() > signatures_max)
        return refuse(Reason::proof_malformed, header, "has too many signatures");
    return parts;
}

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& /*documents*/) {
    const auto& recurly = static_cast<const AccountTrust&>(trust);
    if (!recurly.secrets.any_valid_at(now)) return no_secret(recurly.secrets.size());
    const auto value = proof_header(received.headers, header);
    if (!value) return value.error();
    const auto parts = read_parts(*value);
    if (!parts) return parts.error();
    const auto signed_at = read_unix_milliseconds(parts->time);
    if (!signed_at)
        return Refused{Reason::proof_malformed, "Recurly-Signature: begins with no time in milliseconds"};
    const auto signatures =
        decode_signatures(parts->signatures, Encoding::hex, bytes_of(recurly.secrets.hash()), header);
    if (!signatures) return signatures.error();
    const auto secret = recurly.secrets.signer(
        std::array<std::string_view, 3>{parts->time, ".", received.body}, *signatures, now);
    if (!secret) return Refused{Reason::proof_wrong, "Recurly-Signature: fits none of the secrets"};
    if (auto outside =
            outside_tolerance(*signed_at, now, recurly.tolerance, header, std::chrono::milliseconds{1}))
        return *std::move(outside);
    return with_account_in(Verified{.proof = Proof::signature, .secret = secret}, recurly.account,
                           received.body, {"/site_id"});
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    return identify_by(places, received);
}

Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now) {
    const auto good = settings_are_good(provider(), settings, secret);
    if (!good) return std::unexpected{good.error()};
    const std::string time =
        fmt::format("{}", std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
    auto delivery = deliver_signed(sample, {.name = header}, crypto::HmacHash::sha256, secret,
                                   std::array<std::string_view, 3>{time, ".", sample.body});
    if (delivery) delivery->headers.set(header, fmt::format("{},{}", time, *delivery->headers.get(header)));
    return delivery;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "recurly",
                              .title = "Recurly",
                              .keys_live = std::chrono::days{35},
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = read_nothing,
                              .make_secret = make_hex_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::recurly
