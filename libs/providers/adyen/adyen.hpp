// Adyen, both kinds of webhooks. The standard one is a list of items, each of which carries an HMAC-SHA256
// (base64) of eight of its fields, pspReference to success: only these are the provider's, and an event is
// known by them alone; the rest (the reason, the date, whether it is live) is as trustworthy as the way that
// it came. The one of platforms and of management is signed as a whole, in the header HmacSignature; its
// events have no id and are known by their bodies. No time is signed.
//
// An item does not say whether what was authorised is captured by itself. Where it is ("capture":
// "automatic"), an authorisation is money that has come, and to cancel it gives the money back; where it is
// not, each capture is. Transfers of platforms are booked where they go to a bank alone, since the payments
// that they are shares of tell of themselves.
//
// Settings: "account" (the merchant account, of the standard kind; each item must be of it), "capture". The
// secret is the HMAC key, 64 hexadecimal digits.
#pragma once

#include <span>

#include "providers/provider.hpp"
#include "providers/sample_file.hpp"

namespace tollgate::providers::adyen {

const Provider& provider();
std::span<const SampleFile> sample_files();

Result<v1::PaymentEvent> normalise(const RawEvent& raw);

}  // namespace tollgate::providers::adyen
