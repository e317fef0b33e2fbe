#include "providers/event_places.hpp"

#include "providers/items.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers {

namespace {

std::string joined(JsonFields& fields, const Pointers& pointers) {
    std::string text;
    for (const std::string_view pointer : pointers) {
        if (pointer.empty()) continue;
        if (!text.empty()) text += '.';
        text += fields.required(pointer);
    }
    return text;
}

// A number is an id too.
std::string required_label(JsonFields& fields, std::string_view pointer) {
    if (auto text = fields.label(pointer)) return *std::move(text);
    return fields.required(pointer);
}

Mode mode_at(JsonFields& fields, std::string_view pointer) {
    if (pointer.empty()) return Mode::unknown;
    if (const auto test = fields.boolean(pointer)) return *test ? Mode::test : Mode::live;
    const auto word = fields.label(pointer);
    return word == "test" ? Mode::test : word == "live" ? Mode::live : Mode::unknown;
}

}  // namespace

std::optional<std::string> first_label(JsonFields& fields, const Pointers& pointers) {
    for (const std::string_view pointer : pointers) {
        if (pointer.empty()) continue;
        if (auto text = fields.label(pointer)) return text;
    }
    return std::nullopt;
}

Item read_item(const EventPlaces& places, JsonFields& fields, std::string_view bytes) {
    Item item{.type = joined(fields, places.type)};
    if (places.id.front().empty()) {
        item.key = body_key(item.type, bytes);
        item.fingerprint = fingerprint_of({item.key});
    } else if (places.id[1].empty()) {
        item.event_id = required_label(fields, places.id.front());
        item.key = id_key(*item.event_id);
    } else {
        std::array<std::string, std::tuple_size_v<Pointers>> parts;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (!places.id[i].empty()) parts[i] = required_label(fields, places.id[i]);
        }
        item.event_id = parts.front();
        item.key = id_key({parts[0], parts[1], parts[2], parts[3]});
    }
    if (item.fingerprint.empty()) item.fingerprint = fingerprint_of({item.type, fields.canonical("")});
    if (!places.account.empty()) item.account = fields.label(places.account);
    item.subject = first_label(fields, places.subject);
    item.ordering_key = first_label(fields, places.ordering_key);
    if (!item.ordering_key) item.ordering_key = item.subject;
    if (const auto time = first_label(fields, places.time)) item.time = read_time(*time);
    item.mode = mode_at(fields, places.test_mode);
    return item;
}

Result<std::vector<Item>> identify_by(const EventPlaces& places, const Received& received) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item = read_item(places, fields, received.body);
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

Result<std::vector<Item>> identify_each_by(const EventPlaces& places, const Json& json,
                                           const Json::Value& list,
                                           void (*more)(JsonFields& fields, Item& item)) {
    if (list.kind != Json::Kind::array) return fail(ErrorCode::invalid, "the events are no list");
    std::vector<Item> items;
    for (const Json::Value* one = json.child(list); one != nullptr; one = json.next(*one)) {
        if (one->kind != Json::Kind::object)
            return fail(ErrorCode::invalid, "event {}: it is no object", items.size());
        JsonFields fields{json, *one};
        Item item = read_item(places, fields, one->raw);
        if (more != nullptr) more(fields, item);
        if (fields.error())
            return fail(ErrorCode::invalid, "event {}: {}", items.size(), fields.error()->detail);
        item.offset = one->offset;
        item.length = one->raw.size();
        items.push_back(std::move(item));
    }
    return several_items(std::move(items));
}

}  // namespace tollgate::providers
