#include "kafka/statistics.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>

namespace tollgate::kafka {

namespace {

std::int64_t number(const boost::json::object& object, std::string_view name) {
    const boost::json::value* value = object.if_contains({name.data(), name.size()});
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? 0 : *number;
}

std::uint64_t count(const boost::json::object& object, std::string_view name) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number(object, name), 0));
}

}  // namespace

Result<void> read_statistics(std::string_view json, ProducerStatistics& into) {
    boost::json::error_code failure;
    const boost::json::value parsed = boost::json::parse({json.data(), json.size()}, failure);
    const boost::json::object* all = failure ? nullptr : parsed.if_object();
    if (all == nullptr) return fail(ErrorCode::internal, "librdkafka's statistics are no JSON object");

    into.queue_bytes = count(*all, "msg_size");
    into.record_bytes = count(*all, "txmsg_bytes");
    into.wire_bytes = count(*all, "tx_bytes");
    into.round_trip_average = into.round_trip_p99 = {};
    const boost::json::value* brokers = all->if_contains("brokers");
    if (brokers == nullptr || !brokers->is_object()) return {};
    for (const auto& [name, broker] : brokers->get_object()) {
        const boost::json::object* fields = broker.if_object();
        const boost::json::value* round_trip = fields == nullptr ? nullptr : fields->if_contains("rtt");
        if (round_trip == nullptr || !round_trip->is_object()) continue;
        const boost::json::object& window = round_trip->get_object();
        into.round_trip_average =
            std::max(into.round_trip_average, std::chrono::microseconds{number(window, "avg")});
        into.round_trip_p99 = std::max(into.round_trip_p99, std::chrono::microseconds{number(window, "p99")});
    }
    return {};
}

}  // namespace tollgate::kafka
