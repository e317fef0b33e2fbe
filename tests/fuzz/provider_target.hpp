// A provider's target: header lines, an empty line and a body are verified and identified as they are, and
// the body is signed as the provider would, which must verify.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "fuzz/target.hpp"
#include "providers/catalogue.hpp"

namespace tollgate::providers::fuzzing {

constexpr Timestamp noon{std::chrono::seconds{1'764'072'000}};

using tollgate::fuzzing::must;

struct Input {
    http::Headers headers;
    std::string_view body;

    Received received() const {
        return {.url = "https://pay.example.com/in", .headers = headers, .body = body};
    }
};

inline Input read_input(std::string_view text) {
    Input input;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) break;
        const std::size_t colon = std::min(line.find(": "), line.size());
        input.headers.add(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
    }
    input.body = text;
    return input;
}

inline void check_items(const Result<std::vector<Item>>& items, const Received& received) {
    if (!items) {
        must(items.error().code == ErrorCode::invalid, "what is wrong with a body is invalid");
        return;
    }
    must(!items->empty(), "a request is at least one event");
    for (const Item& item : *items) {
        must(!item.type.empty() && !item.key.empty() && !item.fingerprint.empty(),
             "an event has type, key, fingerprint");
        must(item.offset <= received.body.size() && item.length <= received.body.size() - item.offset,
             "an event lies in its body");
        for (const auto& text :
             {std::optional{item.type}, item.event_id, item.account, item.subject, item.ordering_key}) {
            must(!text || (!text->contains('\0') && text->size() <= 512), "a text is fit for the database");
        }
    }
}

inline void run(std::string_view name, std::string_view settings,
                std::initializer_list<std::string_view> secrets, std::string_view text) {
    const Provider& provider = *find(name);
    std::vector<SourceSecret> all;
    for (const std::string_view secret : secrets)
        all.push_back({.id = {}, .value = Secret{std::string{secret}}});
    const auto trust = provider.make_trust(settings, all);
    must(trust.has_value(), "the target's settings and secrets are good");

    const Input input = read_input(text);
    Documents documents;
    Verdict verdict = provider.verify(**trust, input.received(), noon, documents);
    if (const auto* const wanted = std::get_if<DocumentRequest>(&verdict)) {
        documents.emplace(wanted->url, Document{.text = std::string{input.body}});
        verdict = provider.verify(**trust, input.received(), noon, documents);
        must(!std::holds_alternative<DocumentRequest>(verdict), "what was asked for is not asked for again");
    }
    const auto* refused = std::get_if<Refused>(&verdict);
    must(refused == nullptr || !refused->where.empty(), "a refusal says where");
    check_items(provider.identify(**trust, input.received(), documents), input.received());

    // In whose name nobody can sign; JSON of Twilio's is signed by its URL alone; and nothing is no event.
    const bool by_url = name == "twilio" && (input.body.starts_with('{') || input.body.starts_with('['));
    if (name == "paypal" || by_url || input.body.empty()) return;
    const Sample sample{.type = "fuzz", .body = input.body, .url = "https://pay.example.com/in"};
    const auto delivery = provider.deliver(settings, all.front().value, sample, noon);
    must(delivery.has_value(), "any body can be signed");
    const Received signed_one{
        .url = "https://pay.example.com/in", .headers = delivery->headers, .body = delivery->body};
    const Verdict own = provider.verify(**trust, signed_one, noon, {});
    must(std::holds_alternative<Verified>(own) || std::holds_alternative<Answer>(own),
         "what we sign verifies");
    check_items(provider.identify(**trust, signed_one, {}), signed_one);
}

}  // namespace tollgate::providers::fuzzing
