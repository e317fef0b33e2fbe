#include "relay/record_table.hpp"

#include <algorithm>
#include <array>

#include "relay/dead_letter_records.hpp"
#include "relay/payment_records.hpp"
#include "relay/raw_records.hpp"

namespace tollgate::relay {

std::span<const RecordKind> record_kinds() {
    static constexpr std::array kinds{
        RecordKind{[](std::string_view topic) { return topic == "raw"; }, &read_raw},
        RecordKind{[](std::string_view topic) { return topic == "payment"; }, &read_payments},
        RecordKind{&is_dead_letter_topic, &read_dead_letters}};
    return kinds;
}

Result<Run> first_run(std::span<const journal::Entry> entries) {
    const std::string& topic = entries.front().topic;
    const auto kind =
        std::ranges::find_if(record_kinds(), [&](const RecordKind& each) { return each.is_for(topic); });
    if (kind == record_kinds().end()) {
        return fail(ErrorCode::misconfigured,
                    "the journal has an entry of topic \"{}\" (event {}), which this build cannot put on the "
                    "bus: a newer one can",
                    topic, entries.front().event_id);
    }
    const auto end =
        std::ranges::find_if(entries, [&](const journal::Entry& entry) { return entry.topic != topic; });
    return Run{.entries = entries.first(static_cast<std::size_t>(end - entries.begin())), .read = kind->read};
}

}  // namespace tollgate::relay
