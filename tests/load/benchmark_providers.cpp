// What it takes to believe a webhook and to say which event it is, for each provider that signs with a secret
// or sends one along, beside the HMAC of as many bytes alone.
#include <algorithm>
#include <array>

#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "load/benchmarks.hpp"
#include "load/measure.hpp"
#include "providers/catalogue.hpp"

namespace tollgate::load {

namespace {

using providers::Provider;

constexpr std::size_t rounds = 11;
constexpr std::size_t requests_per_round = 1500;
constexpr double goal_times = 1.5;
constexpr std::size_t goal_bytes = 4096;
constexpr std::string_view url = "https://hooks.example.com/v1/in/acme/main";

struct Scheme {
    std::string_view provider;
    crypto::HmacHash hash = crypto::HmacHash::sha256;
    bool is_symmetric = true;
};

// All but PayPal, in whose name nobody can sign.
constexpr auto schemes = std::to_array<Scheme>({
    {"adyen"},
    {"braintree", crypto::HmacHash::sha1},
    {"chargebee", crypto::HmacHash::sha256, false},
    {"chargify"},
    {"flutterwave"},
    {"generic"},
    {"github"},
    {"gocardless"},
    {"lemon_squeezy"},
    {"mollie"},
    {"paddle"},
    {"paystack", crypto::HmacHash::sha512},
    {"postmark", crypto::HmacHash::sha256, false},
    {"razorpay"},
    {"recurly"},
    {"resend"},
    {"school"},
    {"sendgrid", crypto::HmacHash::sha256, false},
    {"shopify"},
    {"slack"},
    {"square"},
    {"standard_webhooks"},
    {"stripe"},
    {"twilio", crypto::HmacHash::sha1},
    {"xendit", crypto::HmacHash::sha256, false},
});

// Members as bodies have them: some thirty bytes for a name and its value.
std::string members(std::size_t bytes, std::string_view separator, std::string_view format) {
    std::string text;
    for (int number = 0; text.size() + 40 < bytes; ++number)
        text += fmt::format(fmt::runtime(format), number, number * 1301) + std::string{separator};
    return text;
}

// The sample with more members than it has, up to about as many bytes.
std::string body_of(const providers::Sample& sample, std::size_t bytes) {
    std::string body{sample.body};
    const std::size_t more = bytes - std::min(bytes, body.size());
    if (body.starts_with('{') || body.starts_with('[')) {
        return body.insert(body.find('{') + 1, members(more, ",", R"("member_{:04}":"value {:08}")"));
    }
    if (body.starts_with('<')) {
        const std::size_t end = body.rfind("</");
        return body.insert(end, members(more * 3 / 4, "", "<m{0:04}>value {1:08}</m{0:04}>"));
    }
    return body + "&" + members(more, "&", "member_{:04}=value_{:08}");
}

std::string settings_of(std::string_view provider) {
    return provider == "generic" ? R"({"id": "/id", "type": "/type", "time": "/time"})" : "{}";
}

// What has to be there for a request to be looked at again and again.
struct Target {
    const Provider& provider;
    std::shared_ptr<const providers::Trust> trust;
    http::Headers headers;
    std::string body;
    Timestamp now = SystemClock{}.now();

    bool verify() const {
        return std::holds_alternative<providers::Verified>(provider.verify(*trust, received(), now, {}));
    }
    bool verify_and_identify() const {
        return verify() && provider.identify(*trust, received(), {}).has_value();
    }
    providers::Received received() const { return {.url = url, .headers = headers, .body = body}; }
};

Result<Target> make_target(const Provider& provider, std::size_t bytes) {
    const std::string settings = settings_of(provider.name);
    const providers::SourceSecret secret{.id = {}, .value = provider.make_secret()};
    auto trust = provider.make_trust(settings, {&secret, 1});
    if (!trust) return std::unexpected{trust.error()};
    const providers::Sample& sample = provider.samples.front();
    const std::string body = body_of(sample, bytes);
    Target target{.provider = provider, .trust = *std::move(trust), .headers = {}, .body = {}};
    auto delivery = provider.deliver(
        settings, secret.value, {.type = sample.type, .body = body, .headers = sample.headers, .url = url},
        target.now);
    if (!delivery) return std::unexpected{delivery.error()};
    target.headers = std::move(delivery->headers);
    target.body = std::move(delivery->body);
    if (!target.verify_and_identify())
        return fail(ErrorCode::internal, "a sample of {} with more members is not taken", provider.name);
    return target;
}

Result<void> measure(const Scheme& scheme, std::size_t bytes, Figures& figures) {
    const auto target = make_target(*providers::find(scheme.provider), bytes);
    if (!target) return std::unexpected{target.error()};
    const auto key = crypto::HmacKey::make(scheme.hash, Secret{crypto::random_bytes(32)});
    if (!key) return std::unexpected{key.error()};
    const auto beside_hmac = [&](const auto& work) {
        return alternating_medians(
            rounds, [&] { return seconds_per_operation(requests_per_round, work); },
            [&] { return seconds_per_operation(requests_per_round, [&] { key->sign(target->body); }); });
    };
    const auto figure = [&](std::string_view what, const Medians& seconds, bool has_goal) {
        figures.push_back(
            {.name = fmt::format("{}, {} KiB: {}", scheme.provider, bytes / 1024, what),
             .value = seconds.measured * 1e6,
             .unit = "us",
             .better = Better::lower,
             .baseline = seconds.baseline * 1e6,
             .goal = has_goal ? std::optional{seconds.baseline * goal_times * 1e6} : std::nullopt});
    };
    const bool has_goal = scheme.is_symmetric && bytes == goal_bytes;
    if (has_goal) figure("verify", beside_hmac([&] { target->verify(); }), true);
    figure("verify, identify", beside_hmac([&] { target->verify_and_identify(); }), has_goal);
    return {};
}

}  // namespace

Result<Figures> providers(const Surroundings&) {
    Figures figures;
    for (const Scheme& scheme : schemes) {
        for (const std::size_t bytes : {std::size_t{1024}, goal_bytes, std::size_t{16384}}) {
            if (const auto measured = measure(scheme, bytes, figures); !measured)
                return std::unexpected{measured.error()};
        }
    }
    return figures;
}

}  // namespace tollgate::load
