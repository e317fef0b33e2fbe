#include "delivery/test_message.hpp"

#include "core/clock.hpp"

namespace tollgate::delivery {

Message test_message(const tenants::OpenDestination& destination) {
    Message message;
    message.emoji = "👋";
    message.headline = fmt::format("Tollgate reaches this channel as \"{}\"", destination.slug);
    message.meaning = Text{
        fmt::format("This is a test. What happens to the payments of \"{}\" can be told here from now on.",
                    destination.tenant_slug)};
    message.footer = Text{"Tollgate · sent by an operator's test · "};
    const Timestamp now = SystemClock{}.now();
    message.footer.pieces.push_back({.words = to_rfc3339(now), .moment = now});
    return message;
}

}  // namespace tollgate::delivery
