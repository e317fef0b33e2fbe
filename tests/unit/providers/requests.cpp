#include "requests.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "providers/items.hpp"

namespace tollgate::providers::testing {

const Provider& provider(std::string_view name) {
    const Provider* found = find(name);
    if (found == nullptr) FAIL("no provider is called " << name);
    return *found;
}

SourceSecret secret(std::string_view value) {
    return {.id = secret_id(1), .value = Secret{std::string{value}}};
}

Uuid secret_id(int number) {
    Uuid id;
    id.bytes.back() = static_cast<std::uint8_t>(number);
    return id;
}

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool brings_several(const Provider& provider) {
    return is_one_of(provider.name, {"adyen", "gocardless", "sendgrid"});
}

bool sends_its_secret(const Provider& provider) {
    return is_one_of(provider.name, {"chargebee", "postmark", "xendit"});
}

bool signs_whole_bodies(const Provider& provider) {
    return !sends_its_secret(provider) && !is_one_of(provider.name, {"adyen", "braintree"});
}

std::vector<const Provider*> all_that_sign() {
    std::vector<const Provider*> some{all().begin(), all().end()};
    std::erase_if(some, [](const Provider* provider) { return !provider->why_not_sent.empty(); });
    return some;
}

std::string complete(const Provider& provider, std::string_view settings) {
    std::string text{settings};
    const bool known =
        provider.name != "generic" || text.contains("\"id\"") || text.contains("body_is_unique");
    const std::size_t end = text.rfind('}');
    if (known || end == std::string::npos) return text;
    const bool first = text.find(':') == std::string::npos;
    return text.insert(end, first ? R"("body_is_unique": true)" : R"(, "body_is_unique": true)");
}

namespace {

Result<std::shared_ptr<const Trust>> make(const Provider& provider, std::string_view settings,
                                          std::initializer_list<std::string_view> secrets) {
    std::vector<SourceSecret> all;
    for (const std::string_view value : secrets) {
        all.push_back(
            {.id = secret_id(static_cast<int>(all.size()) + 1), .value = Secret{std::string{value}}});
    }
    return provider.make_trust(complete(provider, settings), all);
}

}  // namespace

std::shared_ptr<const Trust> trust(const Provider& provider, std::string_view settings,
                                   std::initializer_list<std::string_view> secrets) {
    auto made = make(provider, settings, secrets);
    if (!made) FAIL(provider.name << ": " << made.error().text());
    return *made;
}

std::string refusal(const Provider& provider, std::string_view settings,
                    std::initializer_list<std::string_view> secrets) {
    const auto made = make(provider, settings, secrets);
    if (made) return "";
    CHECK(made.error().code == ErrorCode::invalid);
    return made.error().detail;
}

Verdict verify(const Provider& provider, const Trust& trust, const Request& request, Timestamp now) {
    return provider.verify(trust, request.received(), now, {});
}

std::string said(const Verdict& verdict) {
    if (std::holds_alternative<Verified>(verdict)) return "verified";
    const auto* refused = std::get_if<Refused>(&verdict);
    if (refused == nullptr) return "neither";
    return fmt::format("{}: {}", name(refused->reason), refused->where);
}

Item item(const Provider& provider, const Trust& trust, const Request& request) {
    const auto items = provider.identify(trust, request.received(), {});
    if (!items) FAIL(provider.name << ": " << items.error().text());
    REQUIRE(items->size() == 1);
    const Item& item = items->front();
    if (brings_several(provider)) {
        REQUIRE(item.offset <= request.body.size());
        REQUIRE(item.length <= request.body.size() - item.offset);
    } else {
        CHECK(item.offset == 0);
        CHECK(item.length == request.body.size());
    }
    return item;
}

std::string not_identified(const Provider& provider, const Trust& trust, const Request& request) {
    const auto items = provider.identify(trust, request.received(), {});
    if (items) return "";
    CHECK(items.error().code == ErrorCode::invalid);
    return items.error().detail;
}

Request delivered(const Provider& provider, std::string_view settings, std::string_view secret,
                  const Sample& sample, Timestamp now) {
    Request request;
    Sample sent = sample;
    sent.url = request.url;
    auto delivery = provider.deliver(complete(provider, settings), Secret{std::string{secret}}, sent, now);
    if (!delivery) FAIL(provider.name << ": " << delivery.error().text());
    return {.headers = std::move(delivery->headers), .body = std::move(delivery->body)};
}

Request sent(const Provider& provider, std::string_view settings, std::string_view secret,
             const Sample& sample) {
    if (provider.why_not_sent.empty()) return delivered(provider, settings, secret, sample);
    return {.headers = {{"Content-Type", "application/json"}}, .body = std::string{sample.body}};
}

std::string own_bytes(const Provider& provider, const Sample& sample) {
    const Secret secret = provider.make_secret();
    const Request request = sent(provider, "{}", secret.reveal(), sample);
    return std::string{
        bytes_of(item(provider, *trust(provider, "{}", {secret.reveal()}), request), request.body)};
}

const Sample& sample(const Provider& provider, std::string_view type) {
    const auto found = std::ranges::find(provider.samples, type, &Sample::type);
    if (found == provider.samples.end()) FAIL(provider.name << " has no sample " << type);
    return *found;
}

}  // namespace tollgate::providers::testing
