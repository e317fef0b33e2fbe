#include "delivery/send_config.hpp"

namespace tollgate::delivery {

void SendConfig::declare(process::Settings& settings) {
    settings.add("delivery.calls_max", calls_max, "calls under way, to all destinations", 1, 10'000);
    settings.add("delivery.destination_calls_max", destination_calls_max, "likewise, to one destination", 1,
                 100);
    settings.add("delivery.lease", lease, "for which a message that is being sent belongs to its sender",
                 std::chrono::milliseconds{100}, std::chrono::minutes{10});
    settings.add("delivery.look_every", look_every,
                 "how often it is looked for what is due and could not go; for what others have planned, "
                 "every ten times as long",
                 std::chrono::milliseconds{5}, std::chrono::minutes{1});
    settings.add("delivery.retry_base", retry_base,
                 "before the second attempt, at most; each later one doubles it, up to 15 minutes");
    settings.add("delivery.retry_age_max", retry_age_max,
                 "from the first attempt to the last, while the destination takes messages");
    settings.add("delivery.threads", threads, "that calls are made by", std::size_t{1}, std::size_t{64});
}

Result<void> SendConfig::check(std::chrono::milliseconds call_timeout) const {
    if (lease >= 2 * call_timeout) return {};
    return fail(
        ErrorCode::misconfigured,
        "delivery.lease is {} ms, and a call may take {} ms (slack.call_timeout): the lease has to be twice "
        "as long at least, or what is being sent is taken for lost",
        lease.count(), call_timeout.count());
}

}  // namespace tollgate::delivery
