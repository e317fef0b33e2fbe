#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

namespace {

// What happened to a customer's subscription, invoice and payment belongs together.
std::optional<std::string> customer_of(JsonFields& fields) {
    if (fields.label("/data/object/object") == "customer") return fields.label("/data/object/id");
    if (auto customer = fields.label("/data/object/customer")) return customer;
    return fields.label("/data/object/customer/id");
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item{.type = fields.required("/type")};
    item.event_id = fields.required("/id");
    item.key = id_key(*item.event_id);
    const std::string object = fields.required("/object");
    const bool thin = object == "v2.core.event";
    if (!thin && object != "event") {
        fields.fail_with(
            {ErrorCode::invalid, "the body's /object is neither \"event\" nor \"v2.core.event\""});
    }
    // What describes the delivery (pending_webhooks, api_version, request) may differ when it is sent again.
    item.fingerprint = fingerprint_of({item.type, fields.canonical("/created"), fields.canonical("/account"),
                                       fields.canonical("/context"), fields.canonical("/livemode"),
                                       fields.canonical("/data"), fields.canonical("/related_object"),
                                       fields.canonical("/changes")});
    item.account = thin ? fields.label("/context") : fields.label("/account");
    const auto live = fields.boolean("/livemode");
    item.mode = !live ? Mode::unknown : *live ? Mode::live : Mode::test;
    item.subject = thin ? fields.label("/related_object/id") : fields.label("/data/object/id");
    item.ordering_key = thin ? item.subject : customer_of(fields);
    if (!item.ordering_key) item.ordering_key = item.subject;
    item.time = fields.time("/created");
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::stripe
