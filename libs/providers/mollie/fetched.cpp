#include "providers/mollie/fetched.hpp"

#include <algorithm>
#include <array>

#include "http/percent.hpp"
#include "providers/event_places.hpp"
#include "providers/items.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers::mollie {

namespace {

constexpr std::size_t id_characters_max = 64;

// Which resources are told of by their id alone, and where each is to be had.
struct Resource {
    std::string_view prefix;
    std::string_view path;
    std::string_view query;
};
constexpr auto resources = std::to_array<Resource>({{"tr_", "payments", "?embed=refunds,chargebacks"},
                                                    {"ord_", "orders", ""},
                                                    {"pl_", "payment-links", ""}});

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Mode mode_of(JsonFields& fields) {
    const auto mode = fields.label("/mode");
    return mode == "live" ? Mode::live : mode == "test" ? Mode::test : Mode::unknown;
}

// A payment link has no state of its own.
std::string state_of(JsonFields& fields) {
    if (auto status = fields.label("/status")) return *std::move(status);
    return fields.has("/paidAt") ? "paid" : "changed";
}

Item resource_in(JsonFields& fields, std::string_view document) {
    Item item{.type = fmt::format("{}.{}", fields.required("/resource"), state_of(fields))};
    item.event_id = fields.required("/id");
    item.account = fields.label("/profileId");
    item.ordering_key = first_label(fields, {"/subscriptionId", "/orderId", "/id"});
    if (const auto time = first_label(fields, {"/paidAt", "/failedAt", "/expiredAt", "/createdAt"}))
        item.time = read_time(*time);
    item.mode = mode_of(fields);
    item.length = document.size();
    return item;
}

Item part_of(const Item& payment, const Json::Value& part, JsonFields& fields, std::string_view resource) {
    const bool reversed = fields.has("/reversedAt");
    const std::string state = resource == "refund" ? fields.label("/status").value_or("changed")
                                                   : std::string{reversed ? "reversed" : "received"};
    Item item{.type = fmt::format("{}.{}", resource, state)};
    item.event_id = fields.required("/id");
    item.account = payment.account;
    item.ordering_key = payment.ordering_key;
    item.time = fields.time(reversed ? "/reversedAt" : "/createdAt");
    item.mode = payment.mode;
    item.offset = part.offset;
    item.length = part.raw.size();
    return item;
}

// Each part is read by itself: places in it are then found without counting through the list.
Result<void> add_parts(const Json& json, std::string_view list, std::string_view resource,
                       std::vector<Item>& items) {
    const auto found = json.find(list);
    if (!found) return std::unexpected{found.error()};
    if (*found == nullptr || (*found)->kind != Json::Kind::array) return {};
    for (const Json::Value* one = json.child(**found); one != nullptr; one = json.next(*one)) {
        const auto part = one->kind == Json::Kind::object
                              ? Json::parse(one->raw)
                              : Result<Json>{fail(ErrorCode::invalid, "it is no object")};
        if (!part) return fail(ErrorCode::invalid, "{}: {}", list, part.error().detail);
        JsonFields fields{*part};
        items.push_back(part_of(items.front(), *one, fields, resource));
        if (fields.error()) return fail(ErrorCode::invalid, "{}: {}", list, fields.error()->detail);
    }
    return {};
}

}  // namespace

std::string url_of(std::string_view body) {
    const auto id = http::form_value(body, "id");
    if (!id || id->size() > id_characters_max) return "";
    for (const Resource& resource : resources) {
        if (!id->starts_with(resource.prefix) || id->size() == resource.prefix.size()) continue;
        const std::string_view rest = std::string_view{*id}.substr(resource.prefix.size());
        if (std::ranges::all_of(rest, is_letter_or_digit))
            return fmt::format("https://api.mollie.com/v2/{}/{}{}", resource.path, *id, resource.query);
    }
    return "";
}

Result<std::vector<Item>> identify_fetched(const std::string& document) {
    const auto json = Json::parse(document);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    std::vector<Item> items;
    items.push_back(resource_in(fields, document));
    if (fields.error()) return std::unexpected{*fields.error()};
    items.front().content = document;
    for (const auto& [list, resource] :
         {std::pair{"/_embedded/refunds", "refund"}, std::pair{"/_embedded/chargebacks", "chargeback"}}) {
        if (const auto added = add_parts(*json, list, resource, items); !added)
            return std::unexpected{added.error()};
    }
    for (Item& item : items) {
        item.subject = item.event_id;
        item.key = id_key({*item.event_id, item.type});
        // The rest of it changes between two looks at one state.
        item.fingerprint = fingerprint_of({item.key});
    }
    return several_items(std::move(items));
}

}  // namespace tollgate::providers::mollie
