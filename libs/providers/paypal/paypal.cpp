#include "providers/paypal/paypal.hpp"

#include <algorithm>
#include <array>

#include <boost/crc.hpp>

#include "crypto/base64.hpp"
#include "crypto/random.hpp"
#include "crypto/vouched_keys.hpp"
#include "providers/account_trust.hpp"
#include "providers/event_places.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"
#include "providers/signing.hpp"

namespace tollgate::providers::paypal {

namespace {

constexpr std::string_view id_header = "PayPal-Transmission-Id";
constexpr std::string_view time_header = "PayPal-Transmission-Time";
constexpr std::string_view signature_header = "PayPal-Transmission-Sig";
constexpr std::string_view url_header = "PayPal-Cert-Url";
constexpr std::string_view algorithm_header = "PayPal-Auth-Algo";
constexpr std::string_view algorithm = "SHA256withRSA";
constexpr std::string_view name_end = ".paypal.com";
constexpr std::chrono::days tolerated{4};
constexpr std::chrono::hours certificate_kept{6};

constexpr EventPlaces places{.type = {"/event_type"},
                             .id = {"/id"},
                             .account = "/resource/payee/merchant_id",
                             .subject = {"/resource/id", "/resource/dispute_id"},
                             .ordering_key = {"/resource/supplementary_data/related_ids/order_id",
                                              "/resource/billing_agreement_id", "/resource/parent_payment"},
                             .time = {"/create_time"}};

struct PaypalTrust final : Trust {
    explicit PaypalTrust(crypto::CertificateRoots trusted) : keys{std::move(trusted)} {}

    mutable crypto::VouchedKeys keys;  // of certificates that were seen before
    std::vector<SourceSecret> webhook_ids;
    std::chrono::seconds tolerance{};
    std::optional<std::string> account;
};

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    const auto pem = reader->text("roots");
    auto roots = pem ? crypto::CertificateRoots::from_pem(*pem) : crypto::CertificateRoots::of_the_system();
    if (pem && !roots)
        reader->wrong("roots", fmt::format("must be certificates in PEM: {}", roots.error().detail));
    const auto tolerance = reader->seconds("tolerance", tolerated, std::chrono::seconds{1}, tolerated);
    auto account = reader->text("account");
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    if (!roots) return std::unexpected{roots.error()};
    auto trust = std::make_shared<PaypalTrust>(*std::move(roots));
    trust->tolerance = tolerance;
    trust->account = std::move(account);
    for (const SourceSecret& secret : secrets) {
        if (const auto good = check_pasted(secret); !good) return std::unexpected{good.error()};
        if (secret.value.reveal().contains('|'))
            return not_a_secret(secret, "is no id of a webhook, as PayPal shows it");
        trust->webhook_ids.push_back(secret);
    }
    return trust;
}

// https://api.paypal.com/v1/notifications/certs/CERT-..., and nothing that a URL could hide another host in.
bool is_paypals(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    constexpr std::string_view path = "/v1/notifications/certs/";
    if (!url.starts_with(scheme)) return false;
    url.remove_prefix(scheme.size());
    const std::string_view host = url.substr(0, std::min(url.find('/'), url.size()));
    const std::string_view rest = url.substr(host.size());
    const auto is_plain = [](char c, bool upper) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               (upper && ((c >= 'A' && c <= 'Z') || c == '_'));
    };
    return host.ends_with(name_end) && host.size() > name_end.size() &&
           std::ranges::all_of(host, [&](char c) { return c == '.' || is_plain(c, false); }) &&
           rest.starts_with(path) && rest.size() > path.size() &&
           std::ranges::all_of(rest.substr(path.size()), [&](char c) { return is_plain(c, true); });
}

struct Transmission {
    std::string_view id;
    std::string_view time;
    Timestamp sent_at;
    std::string signature;
    std::string url;
};

Checked<Transmission> read(const http::Headers& headers) {
    const std::array names{id_header, time_header, signature_header, url_header, algorithm_header};
    std::array<std::string_view, names.size()> values;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto value = proof_header(headers, names[i]);
        if (!value) return std::unexpected{value.error()};
        values[i] = *value;
    }
    if (values[4] != algorithm)
        return refuse(Reason::proof_unknown, algorithm_header, fmt::format("is not {}", algorithm));
    // The parts are signed with this between them.
    if (values[0].contains('|')) return refuse(Reason::proof_malformed, id_header, "has a bar in it");
    const auto sent_at = parse_rfc3339(values[1]);
    if (!sent_at) return refuse(Reason::proof_malformed, time_header, "is no time as RFC 3339 has it");
    auto signature = crypto::base64_decode(values[2]);
    if (!signature) return refuse(Reason::proof_malformed, signature_header, signature.error().detail);
    if (!is_paypals(values[3]))
        return refuse(Reason::proof_malformed, url_header, "is not where PayPal keeps its certificates");
    return Transmission{values[0], values[1], *sent_at, *std::move(signature), std::string{values[3]}};
}

std::string checksum_of(std::string_view body) {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    return fmt::format("{}", crc.checksum());
}

}  // namespace

bool is_signed(const crypto::PublicKey& key, std::string_view id, std::string_view time,
               std::string_view webhook_id, std::string_view body, std::string_view signature) {
    return key.verifies({id, "|", time, "|", webhook_id, "|", checksum_of(body)}, signature);
}

namespace {

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents) {
    const auto& paypal = static_cast<const PaypalTrust&>(trust);
    const auto is_valid = [&](const SourceSecret& id) { return is_valid_at(id, now); };
    if (!std::ranges::any_of(paypal.webhook_ids, is_valid)) return no_secret(paypal.webhook_ids.size());
    const auto sent = read(received.headers);
    if (!sent) return sent.error();
    if (auto outside = outside_tolerance(sent->sent_at, now, paypal.tolerance, time_header))
        return *std::move(outside);
    const auto document = documents.find(sent->url);
    if (document == documents.end()) return DocumentRequest{.url = sent->url, .keep = certificate_kept};
    const auto key = paypal.keys.key_of(document->second.text, name_end, now);
    if (!key) return Refused{Reason::document_wrong, fmt::format("{}: {}", url_header, key.error().detail)};
    const auto signer = std::ranges::find_if(paypal.webhook_ids, [&](const SourceSecret& id) {
        return is_valid(id) &&
               is_signed(*key, sent->id, sent->time, id.value.reveal(), received.body, sent->signature);
    });
    if (signer == paypal.webhook_ids.end())
        return Refused{Reason::proof_wrong,
                       fmt::format("{}: fits none of the webhooks' ids", signature_header)};
    return with_account_in(Verified{.proof = Proof::signature, .secret = signer->id}, paypal.account,
                           received.body, {places.account});
}

// The body's links are to the host that it came from.
Mode mode_of(std::string_view body) {
    const auto json = Json::parse(body);
    if (!json) return Mode::unknown;
    JsonFields fields{*json};
    const auto link = fields.label("/links/0/href");
    if (!link) return Mode::unknown;
    if (link->starts_with("https://api.sandbox.paypal.com/") ||
        link->starts_with("https://api-m.sandbox.paypal.com/"))
        return Mode::test;
    return link->starts_with("https://api.paypal.com/") || link->starts_with("https://api-m.paypal.com/")
               ? Mode::live
               : Mode::unknown;
}

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    auto items = identify_by(places, received);
    if (!items) return items;
    items->front().mode = mode_of(received.body);
    // The body is signed by its CRC-32 alone, which other bodies have too. The transmission is signed itself,
    // so that one that was seen brings no second event.
    if (const auto id = received.headers.get(id_header))
        items->front().second_key = fmt::format("transmission:{}", *id);
    return items;
}

Secret make_secret() {
    return Secret{fmt::format("WH{}", id_from_body(crypto::random_bytes(16)))};
}

constexpr std::string_view why_not_sent =
    "PayPal signs with a key of its own, so that no sample can be sent in its name; send one from the "
    "webhooks "
    "simulator of its developer dashboard";

Result<Delivery> deliver(std::string_view /*settings*/, const Secret& /*secret*/, const Sample& /*sample*/,
                         Timestamp /*now*/) {
    return fail(ErrorCode::invalid, "{}", why_not_sent);
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "paypal",
                              .title = "PayPal",
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .why_not_sent = why_not_sent,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::paypal
