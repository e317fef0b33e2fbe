#include <algorithm>
#include <array>

#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/shopify/shopify.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers::shopify {

namespace {

// What happens to one object once, so that an equal body is the same event.
constexpr std::array<std::string_view, 4> once{"/create", "/success", "/failure", "/delete"};

// Otherwise two honest events can have one body: shop/redact comes again when a shop comes and goes twice.
bool body_is_of_one_event(std::string_view topic, JsonFields& fields) {
    return fields.has("/updated_at") ||
           (fields.has("/id") && std::ranges::any_of(once, [&](auto end) { return topic.ends_with(end); }));
}

std::optional<std::string> owned(const Received& received, std::string_view name) {
    const auto value = header(received.headers, name);
    return value && !value->empty() ? std::optional<std::string>{*value} : std::nullopt;
}

std::optional<std::string> subject_of(JsonFields& fields, std::string_view resource) {
    if (auto global = fields.label("/admin_graphql_api_id")) return global;
    const auto id = fields.label("/id");
    return id ? std::optional{fmt::format("{}/{}", resource, *id)} : std::nullopt;
}

// Refunds and transactions keep their order with the order that they belong to.
std::optional<std::string> ordering_key_of(JsonFields& fields, std::string_view resource) {
    const auto order = resource == "orders" ? fields.label("/id") : fields.label("/order_id");
    if (order) return fmt::format("orders/{}", *order);
    const auto contract = resource == "subscription_contracts" ? fields.label("/id")
                                                               : fields.label("/subscription_contract_id");
    if (contract) return fmt::format("subscription_contracts/{}", *contract);
    const auto id = fields.label("/id");
    return id ? std::optional{fmt::format("{}/{}", resource, *id)} : std::nullopt;
}

// Of a refund its transactions say whether it was a test: it has no word of its own.
Mode mode_of(JsonFields& fields, std::string_view resource) {
    auto test = fields.boolean("/test");
    if (!test && resource == "refunds") test = fields.boolean("/transactions/0/test");
    return !test ? Mode::unknown : *test ? Mode::test : Mode::live;
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto topic = owned(received, "Topic");
    if (!topic) return fail(ErrorCode::invalid, "the header X-Shopify-Topic is not there");
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item{.type = *topic};
    item.account = owned(received, "Shop-Domain");
    item.event_id = owned(received, "Webhook-Id");
    if (item.event_id) {
        item.key = id_key({item.account.value_or(""), item.type, *item.event_id});
        if (body_is_of_one_event(item.type, fields)) item.second_key = body_key(item.type, received.body);
    } else {
        item.key = body_key(item.type, received.body);
    }
    item.fingerprint = fingerprint_of({item.type, item.account.value_or(""), json->canonical(json->root())});
    const std::string resource = item.type.substr(0, item.type.find('/'));
    item.mode = mode_of(fields, resource);
    item.subject = subject_of(fields, resource);
    item.ordering_key = ordering_key_of(fields, resource);
    item.time = fields.time("/updated_at");
    if (!item.time) item.time = fields.time("/created_at");
    const auto triggered = owned(received, "Triggered-At");
    if (!item.time && triggered) item.time = read_time(*triggered);
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::shopify
