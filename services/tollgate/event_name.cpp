#include "tollgate/event_name.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tollgate {

namespace {

constexpr std::string_view id_form = "00000000-0000-0000-0000-000000000000";
constexpr std::size_t beginning_min = 13;  // of "0190b0f0-5a1e": milliseconds

std::string filled_up(std::string_view beginning, char digit) {
    std::string id{beginning};
    for (const char each : id_form.substr(beginning.size())) id += each == '-' ? '-' : digit;
    return id;
}

}  // namespace

Result<EventName> parse_event_name(std::string_view text) {
    if (text.size() < beginning_min || text.size() >= id_form.size()) {
        const auto whole = Uuid::parse(text);
        if (whole) return EventName{.first = *whole, .last = *whole};
        if (text.size() >= beginning_min) return std::unexpected{whole.error()};
        return fail(ErrorCode::invalid,
                    "\"{}\" is no event's id, nor enough of one: give at least the first {} characters, as "
                    "0190b0f0-5a1e",
                    text, beginning_min);
    }
    const auto first = Uuid::parse(filled_up(text, '0'));
    const auto last = Uuid::parse(filled_up(text, 'f'));
    if (!first || !last) return fail(ErrorCode::invalid, "no event's id begins with \"{}\"", text);
    return EventName{.first = *first, .last = *last};
}

Result<Uuid> find_event(postgres::Transaction& tx, const tenants::Actor& actor, const EventName& name) {
    if (name.first == name.last) return name.first;
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    constexpr std::size_t shown_max = 10;
    std::vector<std::string> found;
    for (const postgres::Row row : tx.execute("select consumer.events_between($1, $2, $3)", name.first,
                                              name.last, static_cast<std::int32_t>(shown_max + 1)))
        found.push_back(row.get<Uuid>(0).text());
    if (found.size() == 1) return *Uuid::parse(found.front());
    if (found.empty()) {
        return fail(
            ErrorCode::not_found,
            "no event that is stored, of a tenant that you may see, has an id from {} to {}: `tollgate "
            "event list` shows those that are",
            name.first, name.last);
    }
    const bool more = found.size() > shown_max;
    if (more) found.pop_back();
    return fail(ErrorCode::invalid, "the ids of {} events begin so: give one of them whole: {}{}",
                more ? "more than 10" : std::to_string(found.size()), fmt::join(found, ", "),
                more ? " ..." : "");
}

}  // namespace tollgate
