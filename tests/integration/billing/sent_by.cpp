#include "sent_by.hpp"

#include <catch2/catch.hpp>

#include "providers/items.hpp"
#include "providers/normalise.hpp"

namespace tollgate::test {

namespace made = tollgate::providers::testing;

events::PaymentEvent normalised(const providers::Provider& provider, std::string_view settings,
                                const providers::Item& item, std::string_view body) {
    const auto event = providers::normalise(
        provider, {.settings = settings, .type = item.type, .mode = "live", .time = item.time, .body = body});
    if (!event) FAIL(item.type << ": " << event.error().text());
    return *event;
}

Told told_by(std::string_view name, const std::vector<Step>& steps, std::string_view settings) {
    const auto& provider = made::provider(name);
    Told told;
    for (const Step& step : steps) {
        const auto& sample = made::sample(provider, step.type);
        const Secret secret = provider.make_secret();
        const auto request = made::sent(provider, "{}", secret.reveal(), sample);
        auto item = made::item(provider, *made::trust(provider, "{}", {secret.reveal()}), request);
        std::string body{providers::bytes_of(item, request.body)};
        for (const auto& [text, other] : step.replaced) {
            const std::size_t at = body.find(text);
            if (at == std::string::npos) FAIL(step.type << " has no " << text);
            body.replace(at, text.size(), other);
        }
        if (item.time) *item.time += step.later;
        told.push_back(normalised(provider, settings, item, body));
    }
    return told;
}

Texts booked(const Told& told) {
    BillingWorld world;
    const std::vector<Uuid> tenants{make_uuid_v7(), make_uuid_v7()};
    for (std::size_t i = 0; i < told.size(); ++i) {
        const auto& forth = told[i];
        const auto& back = told[told.size() - 1 - i];
        world.feed({{.tenant = tenants[0], .event = forth}, {.tenant = tenants[1], .event = back}});
        world.feed({{.tenant = tenants[0], .event = forth}, {.tenant = tenants[1], .event = back}});
    }
    const auto of = [&](const Uuid& tenant) {
        Texts rows = world.rows(fmt::format(
            "select concat_ws(' ', status, amount_minor, currency, nullif(oddity, '')) from billing.payment "
            "where tenant = '{}' order by 1",
            tenant.text()));
        for (const std::string& account : world.rows(fmt::format(
                 "select account || ' ' || sum(balance_minor) from billing.balance where tenant = '{}' "
                 "and balance_minor <> 0 group by account order by 1",
                 tenant.text()))) {
            rows.push_back(account);
        }
        return rows;
    };
    CHECK(of(tenants[0]) == of(tenants[1]));
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
    return of(tenants[0]);
}

}  // namespace tollgate::test
