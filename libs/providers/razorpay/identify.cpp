#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/razorpay/razorpay.hpp"

namespace tollgate::providers::razorpay {

namespace {

// "payment.captured" is about /payload/payment/entity; else what the event says that it contains first.
std::optional<std::string> subject_of(JsonFields& fields, std::string_view type) {
    const std::string_view about = type.substr(0, type.find('.'));
    if (about.find_first_of("/~") == std::string_view::npos) {
        if (auto id = fields.label(fmt::format("/payload/{}/entity/id", about))) return id;
    }
    const auto first = fields.label("/contains/0");
    if (!first || first->find_first_of("/~") != std::string::npos) return std::nullopt;
    return fields.label(fmt::format("/payload/{}/entity/id", *first));
}

// A payment, its refunds and its order belong together, and so do a subscription and its charges.
std::optional<std::string> ordering_key_of(JsonFields& fields) {
    for (const std::string_view pointer :
         {"/payload/subscription/entity/id", "/payload/order/entity/id", "/payload/payment/entity/order_id",
          "/payload/payment/entity/id"}) {
        if (auto id = fields.label(pointer)) return id;
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item{.type = fields.required("/event")};
    const auto id = received.headers.get("X-Razorpay-Event-Id");
    if (id && !id->empty()) {
        item.event_id = std::string{*id};
        item.key = id_key(*id);
        item.second_key = body_key(item.type, received.body);
    } else {
        item.key = body_key(item.type, received.body);
    }
    item.fingerprint = fingerprint_of({json->canonical(json->root())});
    item.account = fields.label("/account_id");
    item.subject = subject_of(fields, item.type);
    item.ordering_key = ordering_key_of(fields);
    if (!item.ordering_key) item.ordering_key = item.subject;
    item.time = fields.time("/created_at");
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::razorpay
