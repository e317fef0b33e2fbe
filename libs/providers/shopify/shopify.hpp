// Shopify: the body is signed (HMAC-SHA256, base64), and nothing else is: topic, shop, ids and time stand in
// headers that anybody can write who has captured a body. So an event is also known by its body, where no two
// honest events can have the same one. JSON only.
//
// Settings: "account" (the shop's domain, such as acme.myshopify.com). It is compared with an unsigned
// header, so it finds mistakes, not forgers; what keeps other shops out is a secret of the source's own.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::shopify {

const Provider& provider();

// A header of either family: "Topic" is Shopify-Topic if that is there, else X-Shopify-Topic.
std::optional<std::string_view> header(const http::Headers& headers, std::string_view name);

Verdict verify(const Trust& trust, const Received& received, Timestamp now, const Documents& documents);
Result<std::vector<Item>> identify(const Trust& trust, const Received& received, const Documents& documents);
Secret make_secret();
Result<Delivery> deliver(std::string_view settings, const Secret& secret, const Sample& sample,
                         Timestamp now);
Result<v1::PaymentEvent> normalise(const RawEvent& raw);
std::span<const SampleFile> sample_files();

}  // namespace tollgate::providers::shopify
