// Chargify, by now Maxio Advanced Billing: a form body, signed with the site's shared key (HMAC-SHA256,
// hexadecimal, in X-Chargify-Webhook-Signature-Hmac-Sha-256). The id is signed and the same when it is sent
// again.
//
// Settings: "account" (the site's subdomain), "currency" (the site's, for amounts of which an event does not
// name it, as older sites' do not), "accept_md5" (true: where that header is not there, the older
// X-Chargify-Webhook-Signature is taken, the MD5 of key and body. Who has seen one such request can lengthen
// its body and sign it, so leave it off unless a proxy in between drops the newer header).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "providers/hmac_secrets.hpp"
#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::chargify {

const Provider& provider();

struct ChargifyTrust final : Trust {
    explicit ChargifyTrust(HmacSecrets prepared) : secrets{std::move(prepared)} {}

    HmacSecrets secrets;
    std::optional<std::string> account;
    std::vector<SourceSecret> md5_secrets;  // empty unless "accept_md5"
};

// "2016-11-08 16:22:22 -0500"
std::optional<Timestamp> read_time(std::string_view text);

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Secret make_secret();
Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::chargify
