// Each sample as the payment event that is made of it, in protobuf's text format:
// golden/PROVIDER/TYPE.txt. With TOLLGATE_WRITE_GOLDEN=1 the files are written instead of compared; read each
// line of `git diff` then, because this is all that says what is right.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <google/protobuf/text_format.h>

#include "providers/normalise.hpp"
#include "requests.hpp"
#include "support/child_process.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

namespace {

bool writes_golden() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment.
    return std::getenv("TOLLGATE_WRITE_GOLDEN") != nullptr;
}

// As it comes in and is stored, with a secret of the source's own.
events::PaymentEvent received_and_normalised(const Provider& provider, const Sample& sample) {
    const std::string_view settings =
        provider.name == "generic"
            ? R"({"id": "/id", "type": "/type", "time": "/time", "account": "/account"})"
            : "{}";
    const Secret secret = provider.make_secret();
    const Request request = delivered(provider, settings, secret.reveal(), sample);
    const Item event = item(provider, *trust(provider, settings, {secret.reveal()}), request);
    const auto normalised =
        normalise(provider, {.source = "golden",
                             .settings = settings,
                             .type = event.type,
                             .event_id = event.event_id.value_or(""),
                             .account = event.account.value_or(""),
                             .mode = name(event.mode),
                             .subject = event.subject.value_or(""),
                             .ordering_key = event.ordering_key.value_or(""),
                             .time = event.time,
                             .proof = "signature",
                             .content_type = request.headers.get("Content-Type").value_or(""),
                             .body = request.body});
    if (!normalised) FAIL(normalised.error().text());
    return *normalised;
}

std::string text_of(const events::PaymentEvent& event) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    CHECK(printer.PrintToString(event, &text));
    return text;
}

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path} << text;
}

void check_golden(std::string_view name) {
    const Provider& provider = testing::provider(name);
    for (const Sample& sample : provider.samples) {
        INFO(provider.name << " " << sample.type);
        const std::filesystem::path path{test::source_file(
            fmt::format("tests/unit/providers/golden/{}/{}.txt", provider.name, sample.type))};
        const events::PaymentEvent event = received_and_normalised(provider, sample);
        CHECK(events::encode(event).has_value());
        if (writes_golden()) write_file(path, text_of(event));
        CHECK(text_of(event) == read_file(path));
    }
}

}  // namespace

TEST_CASE("each sample of Stripe is the payment event that is written down for it") {
    check_golden("stripe");
}

TEST_CASE("each sample of Shopify is the payment event that is written down for it") {
    check_golden("shopify");
}

TEST_CASE("each sample of Chargify is the payment event that is written down for it") {
    check_golden("chargify");
}

TEST_CASE("each sample of Razorpay is the payment event that is written down for it") {
    check_golden("razorpay");
}

TEST_CASE("each sample of Resend is the payment event that is written down for it") {
    check_golden("resend");
}

TEST_CASE(
    "each sample of the other providers that are read is the payment event that is written down for it") {
    const std::set<std::string_view> above{"stripe", "shopify", "chargify", "razorpay", "resend"};
    for (const Provider* const provider : all()) {
        if (!above.contains(provider->name) && provider->normalise != read_nothing)
            check_golden(provider->name);
    }
}

TEST_CASE("an event of a provider that is not read passes as other, with its body as it came") {
    for (const Provider* const provider : all_that_sign()) {
        if (provider->normalise != read_nothing) continue;
        for (const Sample& sample : provider->samples) {
            INFO(provider->name << " " << sample.type);
            const events::PaymentEvent event = received_and_normalised(*provider, sample);
            CHECK(event.category() == v1::CATEGORY_OTHER);
            CHECK_FALSE(event.unrecognised().data().empty());
            CHECK(event.provider_event_type() == sample.type);
        }
    }
}
