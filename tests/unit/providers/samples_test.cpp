#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "providers/fresh_sample.hpp"
#include "providers/items.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

namespace {

// The settings that a source of that provider would have for its samples.
std::string_view settings_of(const Provider& provider) {
    return provider.name == "generic"
               ? R"({"id": "/id", "type": "/type", "time": "/time", "account": "/account"})"
               : "{}";
}

std::set<std::string, std::less<>> sample_types(std::string_view name) {
    std::set<std::string, std::less<>> types;
    for (const Sample& sample : testing::provider(name).samples) types.emplace(sample.type);
    return types;
}

}  // namespace

TEST_CASE("a sample that its provider delivers is verified and identified, and by no other secret") {
    for (const Provider* provider : all_that_sign()) {
        REQUIRE_FALSE(provider->samples.empty());
        for (const Sample& sample : provider->samples) {
            INFO(provider->name << " " << sample.type);
            const Secret secret = provider->make_secret();
            const auto good = trust(*provider, settings_of(*provider), {secret.reveal()});
            const Request request = delivered(*provider, settings_of(*provider), secret.reveal(), sample);
            CHECK(said(verify(*provider, *good, request)) == "verified");
            const auto verified = std::get<Verified>(verify(*provider, *good, request));
            CHECK(verified.proof == (sends_its_secret(*provider) ? Proof::token : Proof::signature));
            CHECK(verified.secret == secret_id(1));
            const auto other = trust(*provider, settings_of(*provider), {provider->make_secret().reveal()});
            CHECK_THAT(said(verify(*provider, *other, request)), Catch::StartsWith("proof_wrong: "));

            const Item event = item(*provider, *good, request);
            CHECK(event.type == sample.type);
            CHECK_FALSE(event.key.empty());
            CHECK_FALSE(event.fingerprint.empty());
            CHECK((event.event_id || !event.key.starts_with("id")));
            if (event.time) CHECK(std::chrono::abs(noon - *event.time) < std::chrono::minutes{10});
        }
    }
}

TEST_CASE("the samples of a provider are different events") {
    for (const Provider* provider : all_that_sign()) {
        INFO(provider->name);
        const Secret secret = provider->make_secret();
        const auto good = trust(*provider, settings_of(*provider), {secret.reveal()});
        std::set<std::string> keys;
        std::set<std::string> fingerprints;
        for (const Sample& sample : provider->samples) {
            const Item event =
                item(*provider, *good, delivered(*provider, settings_of(*provider), secret.reveal(), sample));
            keys.insert(event.key);
            if (event.second_key) keys.insert(*event.second_key);
            fingerprints.insert(event.fingerprint);
            CHECK(event.key != event.second_key);
        }
        CHECK(fingerprints.size() == provider->samples.size());
        CHECK(keys.size() >= provider->samples.size());
    }
}

TEST_CASE("a sample can be sent as another event each time, of now, and about something else") {
    const Timestamp later = noon + std::chrono::days{100};
    for (const Provider* provider : all_that_sign()) {
        const Secret secret = provider->make_secret();
        const auto good = trust(*provider, settings_of(*provider), {secret.reveal()});
        const auto event_of = [&](const Result<Delivery>& delivery) {
            REQUIRE(delivery);
            const Request request{.headers = delivery->headers, .body = delivery->body};
            CHECK(said(verify(*provider, *good, request, later)) == "verified");
            return item(*provider, *good, request);
        };
        for (Sample sample : provider->samples) {
            INFO(provider->name << " " << sample.type);
            const std::string url = Request{}.url;
            sample.url = url;
            const auto fresh = [&](About about) {
                return event_of(
                    deliver_fresh(*provider, settings_of(*provider), secret, sample, about, later));
            };
            const Item original = event_of(provider->deliver(settings_of(*provider), secret, sample, later));
            const Item again = fresh(About::the_same);
            const Item other = fresh(About::a_new_one);
            CHECK(std::set<std::string>{original.key, again.key, other.key}.size() == 3);
            CHECK(again.type == sample.type);
            if (original.time) CHECK(std::chrono::abs(later - *again.time) < std::chrono::seconds{2});
            if (original.subject) CHECK(original.subject != other.subject);
        }
    }
}

TEST_CASE("another id looks like the one that it stands for") {
    CHECK_THAT(another_like("evt_1Q2wX"), Catch::Matches("evt_[1-9][A-Z][1-9][a-z][A-Z]"));
    CHECK_THAT(another_like("4f3e-aB"), Catch::Matches("[1-9][a-f][1-9][a-f]-[a-f][A-F]"));
    CHECK(another_like("1234567890") != another_like("1234567890"));
}

TEST_CASE("there is a sample of each event that the origins handle") {
    const auto has = [](std::string_view provider, const std::set<std::string, std::less<>>& wanted) {
        INFO(provider);
        const auto types = sample_types(provider);
        CHECK(std::ranges::includes(types, wanted));
    };
    has("stripe", {"charge.refunded", "charge.succeeded", "checkout.session.completed",
                   "customer.subscription.created", "customer.subscription.deleted",
                   "customer.subscription.trial_will_end", "customer.subscription.updated", "invoice.paid",
                   "invoice.payment_action_required", "invoice.payment_failed", "invoice.payment_succeeded",
                   "payment_intent.canceled", "payment_intent.payment_failed", "payment_intent.succeeded"});
    has("shopify", {"customers/create", "customers/update", "orders/create", "orders/paid"});
    has("chargify", {"payment_failure", "payment_success", "renewal_failure", "renewal_success",
                     "signup_success", "subscription_product_change", "subscription_state_change"});
    has("razorpay", {"order.paid", "payment.authorized", "payment.captured", "payment.failed",
                     "subscription.activated", "subscription.cancelled", "subscription.charged"});
    has("resend", {"email.bounced", "email.clicked", "email.complained", "email.delivered",
                   "email.delivery_delayed", "email.failed", "email.opened", "email.received",
                   "email.scheduled", "email.sent", "email.suppressed"});
    has("school", {"payment.failed", "payment.pending", "payment.success"});
}

TEST_CASE("a body that is changed by one byte is refused, wherever the byte is") {
    for (const Provider* provider : all_that_sign()) {
        if (!signs_whole_bodies(*provider)) continue;
        const Secret secret = provider->make_secret();
        const auto good = trust(*provider, settings_of(*provider), {secret.reveal()});
        Request request =
            delivered(*provider, settings_of(*provider), secret.reveal(), provider->samples.front());
        for (const std::size_t at : {std::size_t{0}, request.body.size() / 2, request.body.size() - 1}) {
            INFO(provider->name << " at " << at);
            request.body[at] = static_cast<char>(request.body[at] ^ 1);
            CHECK_THAT(said(verify(*provider, *good, request)), Catch::StartsWith("proof_wrong: "));
            request.body[at] = static_cast<char>(request.body[at] ^ 1);
        }
        request.body += "\n";
        CHECK_THAT(said(verify(*provider, *good, request)), Catch::StartsWith("proof_wrong: "));
    }
}

TEST_CASE("a source without secrets refuses everything, and so does one whose secrets are not valid now") {
    for (const Provider* provider : all_that_sign()) {
        INFO(provider->name);
        const Secret secret = provider->make_secret();
        const Request request = delivered(*provider, "{}", secret.reveal(), provider->samples.front());
        const auto none = trust(*provider, "{}", {});
        CHECK(said(verify(*provider, *none, request)) == "no_secret: the source has no secret");

        SourceSecret one{.id = secret_id(1),
                         .value = secret,
                         .valid_from = noon,
                         .valid_until = noon + std::chrono::minutes{1}};
        const auto timed = provider->make_trust(complete(*provider, "{}"), {&one, 1});
        REQUIRE(timed);
        const auto at = [&](std::chrono::microseconds later) {
            return said(provider->verify(**timed, request.received(), noon + later, {}));
        };
        CHECK(at(std::chrono::microseconds{-1}) == "no_secret: none of the source's 1 secrets is valid now");
        CHECK(at(std::chrono::microseconds{0}) == "verified");
        CHECK(at(std::chrono::minutes{1} - std::chrono::microseconds{1}) == "verified");
        CHECK(at(std::chrono::minutes{1}) == "no_secret: none of the source's 1 secrets is valid now");
    }
}

TEST_CASE("of several secrets the one that fits is named") {
    for (const Provider* provider : all_that_sign()) {
        INFO(provider->name);
        const Secret old_secret = provider->make_secret();
        const Secret new_secret = provider->make_secret();
        const auto both = trust(*provider, "{}", {new_secret.reveal(), old_secret.reveal()});
        for (const auto& [secret, number] : {std::pair{new_secret, 1}, std::pair{old_secret, 2}}) {
            const Request request = delivered(*provider, "{}", secret.reveal(), provider->samples.front());
            const Verdict verdict = verify(*provider, *both, request);
            REQUIRE(std::holds_alternative<Verified>(verdict));
            CHECK(std::get<Verified>(verdict).secret == secret_id(number));
        }
    }
}

TEST_CASE("a secret that is not valid any more does not verify beside one that is") {
    for (const Provider* provider : all_that_sign()) {
        INFO(provider->name);
        SourceSecret old_secret{.id = secret_id(1), .value = provider->make_secret(), .valid_until = noon};
        const SourceSecret new_secret{.id = secret_id(2), .value = provider->make_secret()};
        const std::vector<SourceSecret> secrets{old_secret, new_secret};
        const auto good = provider->make_trust(complete(*provider, "{}"), secrets);
        REQUIRE(good);
        const Request request =
            delivered(*provider, "{}", old_secret.value.reveal(), provider->samples.front());
        CHECK_THAT(said(provider->verify(**good, request.received(), noon, {})),
                   Catch::StartsWith("proof_wrong: "));
        CHECK(said(provider->verify(**good, request.received(), noon - std::chrono::microseconds{1}, {})) ==
              "verified");
    }
}

TEST_CASE("providers are found by name, each once") {
    std::set<std::string_view> names;
    for (const Provider* provider : all()) {
        CHECK(find(provider->name) == provider);
        CHECK_FALSE(provider->title.empty());
        names.insert(provider->name);
    }
    CHECK(
        names ==
        std::set<std::string_view>{
            "adyen",      "braintree",         "chargebee", "chargify", "flutterwave", "generic",  "github",
            "gocardless", "lemon_squeezy",     "mollie",    "paddle",   "paypal",      "paystack", "postmark",
            "razorpay",   "recurly",           "resend",    "school",   "sendgrid",    "shopify",  "slack",
            "square",     "standard_webhooks", "stripe",    "twilio",   "xendit"});
    CHECK(find("acme") == nullptr);
    CHECK(testing::provider("shopify").body_bytes_max == 5 * 1024 * 1024);
    CHECK(testing::provider("stripe").body_bytes_max == 1024 * 1024);
}

TEST_CASE("names of reasons, proofs and modes are fit for a label") {
    CHECK(name(Reason::no_secret) == "no_secret");
    CHECK(name(Reason::document_wrong) == "document_wrong");
    CHECK(name(Proof::fetched) == "fetched");
    CHECK(name(Mode::test) == "test");
}
