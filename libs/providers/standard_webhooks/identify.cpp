#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::standard_webhooks {

// That the body is JSON with "type" and "timestamp" is a convention that not every sender keeps.
Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto id = received.headers.get(headers_of(received.headers).id);
    if (!id) return fail(ErrorCode::invalid, "the header with the message's id is not there");
    if (received.body.empty()) return fail(ErrorCode::invalid, "the body is empty");
    Item item{.type = "message", .key = id_key(*id)};
    item.event_id = std::string{*id};
    const auto json = Json::parse(received.body);
    item.fingerprint = fingerprint_of({content_of(json, received.body)});
    if (json) {
        JsonFields fields{*json};
        if (auto type = fields.label("/type")) item.type = *std::move(type);
        item.time = fields.time("/timestamp");
        if (fields.error()) return std::unexpected{*fields.error()};
    }
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::standard_webhooks
