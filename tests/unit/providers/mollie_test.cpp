// Mollie: what is fetched, and what is made of it.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "golden.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "signed.hpp"
#include "support/child_process.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::StartsWith;

namespace {

const std::string api_key = "test_" + std::string(30, 'k');

std::string fetched(std::string_view name) {
    std::ostringstream text;
    text << std::ifstream{test::source_file(fmt::format("tests/unit/providers/fetched/{}.json", name))}
                .rdbuf();
    return text.str();
}

std::vector<Item> items_of(std::string_view id, const std::string& document) {
    const Provider& mollie = testing::provider("mollie");
    const auto good = trust(mollie, "{}", {api_key});
    const Request told{.body = fmt::format("id={}", id)};
    const Verdict first = mollie.verify(*good, told.received(), noon, {});
    REQUIRE(std::holds_alternative<DocumentRequest>(first));
    const Documents documents{{std::get<DocumentRequest>(first).url, {document}}};
    CHECK(said(mollie.verify(*good, told.received(), noon, documents)) == "verified");
    auto items = mollie.identify(*good, told.received(), documents);
    if (!items) FAIL(items.error().text());
    CHECK(items->front().content == document);
    return *std::move(items);
}

events::PaymentEvent normalised(const Item& item, std::string_view document) {
    const auto event = normalise(testing::provider("mollie"), {.source = "golden",
                                                               .type = item.type,
                                                               .event_id = item.event_id.value_or(""),
                                                               .account = item.account.value_or(""),
                                                               .mode = name(item.mode),
                                                               .subject = item.subject.value_or(""),
                                                               .ordering_key = item.ordering_key.value_or(""),
                                                               .time = item.time,
                                                               .proof = "fetched",
                                                               .content_type = "application/json",
                                                               .body = bytes_of(item, document)});
    if (!event) FAIL(item.type << ": " << event.error().text());
    return *event;
}

}  // namespace

TEST_CASE("mollie: what is not signed is fetched back, once, with the API key") {
    const Provider& mollie = testing::provider("mollie");
    const auto good = trust(mollie, "{}", {api_key});
    const Request told{.body = "id=tr_7UhSN1zuXS"};
    const Verdict first = mollie.verify(*good, told.received(), noon, {});
    REQUIRE(std::holds_alternative<DocumentRequest>(first));
    const auto& wanted = std::get<DocumentRequest>(first);
    CHECK(wanted.url == "https://api.mollie.com/v2/payments/tr_7UhSN1zuXS?embed=refunds,chargebacks");
    CHECK(wanted.keep == std::chrono::seconds{0});
    REQUIRE(wanted.authorizations.size() == 1);
    CHECK(wanted.authorizations.front().value.reveal() == "Bearer " + api_key);
    const auto with = [&](std::string_view document) {
        return Documents{{wanted.url, {.text = std::string{document}, .secret = secret_id(1)}}};
    };
    const auto paid = with(fetched("payment.paid"));
    const Verdict second = mollie.verify(*good, told.received(), noon, paid);
    REQUIRE(std::holds_alternative<Verified>(second));
    CHECK(std::get<Verified>(second).proof == Proof::fetched);
    CHECK(std::get<Verified>(second).secret == secret_id(1));
    CHECK_THAT(said(mollie.verify(*good, told.received(), noon, with(R"({"id":"tr_other"})"))),
               StartsWith("document_wrong: "));
    CHECK_THAT(said(mollie.verify(*trust(mollie, R"({"account": "pfl_2"})", {api_key}), told.received(), noon,
                                  paid)),
               StartsWith("wrong_account: "));
    for (const std::string_view body :
         {"", "id=", "id=tr_", "id=tr_a/../b", "id=tr_%0a", "id=xx_1", "id=tr_a?b", "id=tr_a%23"}) {
        INFO(body);
        CHECK_THAT(said(mollie.verify(*good, Request{.body = std::string{body}}.received(), noon, {})),
                   StartsWith("proof_missing: id"));
    }
}

TEST_CASE("mollie: each API key that is valid now is for payments that the others may not see") {
    const Provider& mollie = testing::provider("mollie");
    std::vector<SourceSecret> secrets;
    for (const auto& [number, begins] : {std::pair{1, "live_"}, std::pair{2, "test_"}, std::pair{3, "live_"}})
        secrets.push_back({.id = secret_id(number), .value = Secret{begins + std::string(30, 'k')}});
    secrets[2].valid_until = noon;
    const auto trust = mollie.make_trust("{}", secrets);
    REQUIRE(trust);
    const Verdict first = mollie.verify(**trust, Request{.body = "id=tr_1"}.received(), noon, {});
    REQUIRE(std::holds_alternative<DocumentRequest>(first));
    std::vector<Uuid> ids;
    for (const auto& each : std::get<DocumentRequest>(first).authorizations) ids.push_back(each.secret);
    CHECK(ids == std::vector{secret_id(1), secret_id(2)});
}

TEST_CASE("mollie: a source that is pinned to a profile takes what is signed of that one alone") {
    const Signed mollie = of("mollie");
    const Request sent = mollie.sample_request("payment-link.paid");
    CHECK(mollie.item_of(sent).account == "pfl_made01");
    CHECK(mollie.said_with(R"({"account": "pfl_made01"})", sent) == "verified");
    CHECK_THAT(mollie.said_with(R"({"account": "pfl_2"})", sent), StartsWith("wrong_account: "));
}

TEST_CASE("mollie: a payment that is fetched is an event, and so is each of its refunds and chargebacks") {
    const std::string paid = fetched("payment.paid");
    const auto first = items_of("tr_7UhSN1zuXS", paid);
    REQUIRE(first.size() == 1);
    CHECK(words(first.front()) ==
          "payment.paid id=tr_7UhSN1zuXS account=pfl_made01 mode=test subject=tr_7UhSN1zuXS "
          "order=sub_made0001 time=2025-11-25T11:59:50.000Z");
    const std::string document = fetched("payment.taken_back");
    const auto later = items_of("tr_7UhSN1zuXS", document);
    REQUIRE(later.size() == 5);
    // The payment itself is the same event as before.
    CHECK(later.front().key == first.front().key);
    CHECK(later.front().fingerprint == first.front().fingerprint);
    CHECK(words(later[1]) ==
          "refund.refunded id=re_4qqhO89gsT account=pfl_made01 mode=test "
          "subject=re_4qqhO89gsT order=sub_made0001 time=2025-11-25T11:59:55.000Z");
    CHECK(later[2].type == "refund.failed");
    CHECK(words(later[3]) ==
          "chargeback.received id=chb_n9z0tp account=pfl_made01 mode=test "
          "subject=chb_n9z0tp order=sub_made0001 time=2025-11-25T11:59:57.000Z");
    CHECK(later[4].type == "chargeback.reversed");
    CHECK(later[4].time == noon - std::chrono::seconds{2});
    CHECK_THAT(std::string{bytes_of(later[3], document)},
               StartsWith("{\"resource\":\"chargeback\"") && Catch::EndsWith("\"reversedAt\":null}"));
}

TEST_CASE("mollie: what is fetched and is no such resource is told as such") {
    const Provider& mollie = testing::provider("mollie");
    const auto good = trust(mollie, "{}", {api_key});
    const Request told{.body = "id=tr_1"};
    const auto why_not = [&](std::string_view document) {
        const Documents documents{
            {"https://api.mollie.com/v2/payments/tr_1?embed=refunds,chargebacks", {std::string{document}}}};
        const auto items = mollie.identify(*good, told.received(), documents);
        return items ? std::string{} : items.error().detail;
    };
    CHECK(why_not(R"({"resource":"payment","id":"tr_1","status":"paid"})").empty());
    CHECK(why_not(R"({"resource":"payment","id":"tr_1","_embedded":{"refunds":{}}})").empty());
    CHECK_THAT(why_not(R"({"id":"tr_1"})"), StartsWith("the body's /resource"));
    CHECK_THAT(why_not(R"({"resource":"payment","id":"tr_1","_embedded":{"refunds":[7]}})"),
               StartsWith("/_embedded/refunds: "));
    CHECK_THAT(why_not(R"({"resource":"payment","id":"tr_1","_embedded":{"chargebacks":[{}]}})"),
               StartsWith("/_embedded/chargebacks: "));
    CHECK_FALSE(why_not("not JSON").empty());
}

TEST_CASE("mollie: each resource that is fetched is the payment events that are written down for it") {
    for (const auto& [name, id] :
         {std::pair{"payment.paid", "tr_7UhSN1zuXS"}, std::pair{"payment.taken_back", "tr_7UhSN1zuXS"},
          std::pair{"payment.failed", "tr_7UhSN1zuXT"}, std::pair{"payment.of_a_link", "tr_7UhSN1zuXY"},
          std::pair{"order.paid", "ord_8wmqcHMN4U"}, std::pair{"payment-link.paid", "pl_qng5gbbvMade0001"}}) {
        INFO(name);
        const std::string document = fetched(name);
        for (const Item& item : items_of(id, document))
            check_written(fmt::format("mollie/fetched/{}/{}", name, item.type), normalised(item, document));
    }
}

TEST_CASE("mollie: a signed event is identified, and an API key signs nothing") {
    const Signed mollie = of("mollie");
    CHECK(mollie.words_of("payment-link.paid") ==
          "payment-link.paid id=event_GvJ8WHrpMade0001 account=pfl_made01 mode=test "
          "subject=pl_qng5gbbvMade0001 "
          "order=pl_qng5gbbvMade0001 time=2025-11-25T11:59:51.000Z");
    const Provider& row = mollie.provider;
    const Secret live_key{"live_" + std::string(30, 'k')};
    CHECK_FALSE(row.deliver("{}", live_key, row.samples.front(), noon));
    CHECK_THAT(
        said(verify(row, *trust(row, "{}", {live_key.reveal()}), mollie.sample_request("payment-link.paid"))),
        StartsWith("no_secret: "));
    CHECK_THAT(mollie.said_with("{}", Request{.body = "id=tr_1"}), StartsWith("proof_missing: X-Mollie"));
}
