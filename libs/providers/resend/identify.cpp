#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/resend/resend.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::resend {

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto id = received.headers.get(standard_webhooks::headers_of(received.headers).id);
    if (!id) return fail(ErrorCode::invalid, "the header svix-id is not there");
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item{.type = fields.required("/type"), .key = id_key(*id)};
    item.event_id = std::string{*id};
    item.fingerprint = fingerprint_of({json->canonical(json->root())});
    item.subject = fields.label("/data/email_id");
    if (!item.subject) item.subject = fields.label("/data/id");
    item.ordering_key = item.subject;
    item.time = fields.time("/created_at");
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::resend
