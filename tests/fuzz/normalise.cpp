// Links: tollgate::providers
#include "providers/normalise.hpp"

#include "fuzz/provider_target.hpp"

using namespace tollgate::providers;
using tollgate::providers::fuzzing::must;

// A line that is the event's type, and its body, for every provider.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string_view type = text.substr(0, text.find('\n'));
    const std::string_view body = text.substr(std::min(type.size() + 1, text.size()));
    for (const Provider* provider : all()) {
        const auto event = normalise(*provider, {.source = "main",
                                                 .settings = R"({"currency": "USD"})",
                                                 .type = type,
                                                 .event_id = type,
                                                 .account = type,
                                                 .mode = "test",
                                                 .subject = type,
                                                 .ordering_key = type,
                                                 .time = fuzzing::noon,
                                                 .proof = "signature",
                                                 .content_type = type,
                                                 .body = body});
        if (!event) {
            must(event.error().code == tollgate::ErrorCode::invalid && !event.error().detail.empty(),
                 "what is wrong with a body is invalid");
            continue;
        }
        must(tollgate::events::encode(*event).has_value(), "what is made of an event can be put on the bus");
        must(event->category() != tollgate::v1::CATEGORY_UNSPECIFIED, "an event has a category");
        must(event->amount().minor() >= 0, "an amount is not negative");
        must(event->card().last_four().size() <= 4, "no more of a card is shown than four digits");
        for (const auto& link : event->links()) must(link.url().starts_with("https://"), "a link is https");
    }
    return 0;
}
