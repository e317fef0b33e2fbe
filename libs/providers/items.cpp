#include "providers/items.hpp"

#include <algorithm>
#include <utility>

#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "telemetry/text.hpp"

namespace tollgate::providers {

namespace {

std::string framed(std::initializer_list<std::string_view> texts) {
    std::string out;
    for (const std::string_view text : texts) {
        fmt::format_to(std::back_inserter(out), "{}:", text.size());
        out.append(text);
    }
    return out;
}

std::string hex_sha256(std::string_view bytes) {
    return crypto::hex_encode(crypto::sha256(bytes));
}

Result<void> check(std::string_view what, std::string_view text) {
    if (text.empty()) return fail(ErrorCode::invalid, "the event's {} is empty", what);
    if (text.size() > item_text_bytes_max) {
        return fail(ErrorCode::invalid, "the event's {} has {} bytes, at most {} are taken", what,
                    text.size(), item_text_bytes_max);
    }
    const bool control =
        std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (control) return fail(ErrorCode::invalid, "the event's {} has control characters", what);
    const bool ascii =
        std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
    if (!ascii && telemetry::valid_utf8(text) != text)
        return fail(ErrorCode::invalid, "the event's {} is not UTF-8", what);
    return {};
}

// What an event is and whose it is has to be right. What only describes it is left out where it is not.
Result<void> check(Item& item) {
    Result<void> good = check("type", item.type);
    if (good && item.event_id) good = check("id", *item.event_id);
    if (good && item.account) good = check("account", *item.account);
    const auto describe = [&](std::string_view what, std::optional<std::string>& text) {
        if (!text) return;
        if (const auto fit = check(what, *text); !fit) {
            item.left_out.push_back(fit.error().detail);
            text.reset();
        }
    };
    describe("subject", item.subject);
    describe("ordering key", item.ordering_key);
    return good;
}

}  // namespace

std::string id_key(std::string_view id) {
    return fmt::format("id:{}", id);
}

std::string id_key(std::initializer_list<std::string_view> parts) {
    return fmt::format("ids:{}", framed(parts));
}

std::string body_key(std::string_view type, std::string_view bytes) {
    return fmt::format("body:{}:{}", hex_sha256(bytes), type);
}

std::string fingerprint_of(std::initializer_list<std::string_view> texts) {
    return hex_sha256(framed(texts));
}

std::string content_of(const Result<Json>& json, std::string_view body) {
    return json ? "json:" + json->canonical(json->root()) : "bytes:" + std::string{body};
}

std::string_view bytes_of(const Item& item, std::string_view body) {
    return body.substr(std::min(item.offset, body.size()), item.length);
}

Result<std::vector<Item>> one_item(Item item, const Received& received) {
    item.offset = 0;
    item.length = received.body.size();
    if (const auto good = check(item); !good) return std::unexpected{good.error()};
    std::vector<Item> items;
    items.push_back(std::move(item));
    return items;
}

Result<std::vector<Item>> several_items(std::vector<Item> items) {
    if (items.empty()) return fail(ErrorCode::invalid, "the request has no events in it");
    for (Item& item : items) {
        if (const auto good = check(item); !good) return std::unexpected{good.error()};
    }
    return items;
}

}  // namespace tollgate::providers
