#include "providers/chargify/chargify.hpp"
#include "providers/form.hpp"
#include "providers/items.hpp"

namespace tollgate::providers::chargify {

std::optional<Timestamp> read_time(std::string_view text) {
    if (text.size() != 25 || text[10] != ' ' || text[19] != ' ') return std::nullopt;
    const auto time = parse_rfc3339(fmt::format("{}T{}{}:{}", text.substr(0, 10), text.substr(11, 8),
                                                text.substr(20, 3), text.substr(23)));
    return time ? std::optional{*time} : std::nullopt;
}

namespace {

// The numbers are Chargify's own for each kind of object, so the kind goes with them.
std::optional<std::string> first_of(
    FormFields& fields, std::initializer_list<std::pair<std::string_view, std::string_view>> places) {
    for (const auto& [kind, name] : places) {
        if (const auto id = fields.optional(name)) return fmt::format("{}/{}", kind, *id);
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    FormFields fields{received.body};
    Item item{.type = fields.required("event")};
    item.event_id = fields.required("id");
    item.key = id_key(*item.event_id);
    item.fingerprint = fingerprint_of({fields.canonical()});
    item.account = fields.optional("payload[site][subdomain]");
    item.subject = first_of(fields, {{"subscription", "payload[subscription][id]"},
                                     {"customer", "payload[customer][id]"},
                                     {"invoice", "payload[invoice][id]"}});
    item.ordering_key = first_of(fields, {{"customer", "payload[subscription][customer][id]"},
                                          {"customer", "payload[customer][id]"},
                                          {"subscription", "payload[subscription][id]"},
                                          {"subscription", "payload[subscription_id]"}});
    for (const std::string_view name :
         {"payload[transaction][created_at]", "payload[subscription][updated_at]",
          "payload[customer][updated_at]"}) {
        const auto text = fields.optional(name);
        if (!item.time && text) item.time = read_time(*text);
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::chargify
