#include "tenants/destination_settings.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/nearest.hpp"
#include "tenants/names.hpp"

namespace tollgate::tenants {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 2> kinds{"slack-webhook", "slack-bot"};
constexpr std::array<std::string_view, 2> tones{"neutral", "playful"};
constexpr std::array<std::string_view, 3> ways_of_addresses{"masked", "full", "hidden"};
constexpr std::array<std::string_view, 7> weekday_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

constexpr std::size_t slack_id_length_max = 30;
constexpr double messages_per_second_min = 0.01;
// Slack takes about one; what is no Slack takes what it takes.
constexpr double messages_per_second_max = 10'000;
constexpr std::int64_t burst_max = 10'000;
constexpr std::int64_t storm_after_max = 1000;
constexpr std::int64_t sibling_wait_ms_max = 60'000;

std::unexpected<Error> bad(std::string_view setting, const json::value& value, std::string_view wanted) {
    constexpr std::size_t shown_max = 60;
    return fail(ErrorCode::invalid, "{} cannot be {}: {}", setting,
                json::serialize(value).substr(0, shown_max), wanted);
}

template <typename Enum>
Result<void> read_word(Enum& into, std::string_view setting, const json::value& value,
                       std::span<const std::string_view> words, std::string_view wanted) {
    const json::string* text = value.if_string();
    const auto found = text == nullptr ? words.end() : std::ranges::find(words, std::string_view{*text});
    if (found == words.end()) return bad(setting, value, wanted);
    into = static_cast<Enum>(found - words.begin());
    return {};
}

// Slack's ids are capitals and digits, and their first letter says of what.
Result<void> read_slack_id(std::string& into, std::string_view setting, const json::value& value,
                           std::string_view first_letters, std::string_view wanted) {
    const json::string* text = value.if_string();
    const bool empty = text != nullptr && text->empty();
    const bool fits =
        text != nullptr && text->size() >= 2 && text->size() <= slack_id_length_max &&
        first_letters.contains(text->front()) &&
        std::ranges::all_of(*text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
    if (!empty && !fits) return bad(setting, value, wanted);
    into = std::string{*text};
    return {};
}

std::optional<std::int64_t> whole_number(const json::value& value, std::int64_t min, std::int64_t max) {
    boost::system::error_code failure;
    const auto number = value.to_number<std::int64_t>(failure);
    if (failure || number < min || number > max) return std::nullopt;
    return number;
}

// "22:00"
std::optional<std::chrono::minutes> time_of_day(const json::value* value) {
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    if (text == nullptr || text->size() != 5 || (*text)[2] != ':') return std::nullopt;
    const auto digits = [&](std::size_t at) -> int {
        const char tens = (*text)[at];
        const char ones = (*text)[at + 1];
        if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return 99;
        return ((tens - '0') * 10) + (ones - '0');
    };
    if (digits(0) > 23 || digits(3) > 59) return std::nullopt;
    return std::chrono::hours{digits(0)} + std::chrono::minutes{digits(3)};
}

std::optional<std::bitset<7>> weekdays_of(const json::value* value) {
    if (value == nullptr) return std::bitset<7>{}.set();
    const json::array* named = value->if_array();
    if (named == nullptr || named->empty()) return std::nullopt;
    std::bitset<7> days;
    for (const json::value& day : *named) {
        const json::string* text = day.if_string();
        const auto found =
            text == nullptr ? weekday_names.end() : std::ranges::find(weekday_names, std::string_view{*text});
        if (found == weekday_names.end()) return std::nullopt;
        days.set(static_cast<std::size_t>(found - weekday_names.begin()));
    }
    return days;
}

Result<void> read_quiet_hours(DestinationSettings& settings, const json::value& value) {
    constexpr std::string_view wanted =
        R"(they are like {"from": "22:00", "until": "07:00", "weekdays": ["mon", "tue"]}, or null for none; )"
        "from equal to until is the whole day, and without weekdays it is every day";
    const json::object* object = value.if_object();
    if (object == nullptr) return bad("quiet_hours", value, wanted);
    const auto from = time_of_day(object->if_contains("from"));
    const auto until = time_of_day(object->if_contains("until"));
    const auto weekdays = weekdays_of(object->if_contains("weekdays"));
    const std::size_t known = object->contains("weekdays") ? 3 : 2;
    if (!from || !until || !weekdays || object->size() != known) return bad("quiet_hours", value, wanted);
    settings.quiet_hours = QuietHours{.from = *from, .until = *until, .weekdays = *weekdays};
    return {};
}

Result<void> read_rate(DestinationSettings& settings, const json::value& value) {
    boost::system::error_code failure;
    const auto rate = value.to_number<double>(failure);
    if (failure || rate < messages_per_second_min || rate > messages_per_second_max)
        return bad("messages_per_second", value, "it is a number from 0.01 to 10000; Slack takes about 1");
    settings.messages_per_second = rate;
    return {};
}

struct Setting {
    std::string_view name;
    Result<void> (*read)(DestinationSettings& settings, const json::value& value);
    void (*reset)(DestinationSettings& settings);
};

template <auto Member>
void reset_to_default(DestinationSettings& settings) {
    settings.*Member = DestinationSettings{}.*Member;
}

constexpr std::array known_settings{
    Setting{"channel",
            [](DestinationSettings& settings, const json::value& value) {
                return read_slack_id(settings.channel, "channel", value, "CGD",
                                     "it is the id of a channel, like C0123ABCD: Slack shows it at the end "
                                     "of the channel's details");
            },
            reset_to_default<&DestinationSettings::channel>},
    Setting{"user_group",
            [](DestinationSettings& settings, const json::value& value) {
                return read_slack_id(settings.user_group, "user_group", value, "S",
                                     "it is the id of a user group, like S0123ABCD");
            },
            reset_to_default<&DestinationSettings::user_group>},
    Setting{"tone",
            [](DestinationSettings& settings, const json::value& value) {
                return read_word(settings.tone, "tone", value, tones, "it is neutral or playful");
            },
            reset_to_default<&DestinationSettings::tone>},
    Setting{"email_addresses",
            [](DestinationSettings& settings, const json::value& value) {
                return read_word(settings.email_addresses, "email_addresses", value, ways_of_addresses,
                                 "it is masked, full or hidden");
            },
            reset_to_default<&DestinationSettings::email_addresses>},
    Setting{"messages_per_second", read_rate, reset_to_default<&DestinationSettings::messages_per_second>},
    Setting{"burst",
            [](DestinationSettings& settings, const json::value& value) -> Result<void> {
                const auto burst = whole_number(value, 1, burst_max);
                if (!burst) return bad("burst", value, "it is a whole number from 1 to 10000");
                settings.burst = *burst;
                return {};
            },
            reset_to_default<&DestinationSettings::burst>},
    Setting{"sibling_wait_ms",
            [](DestinationSettings& settings, const json::value& value) -> Result<void> {
                const auto wait = whole_number(value, 0, sibling_wait_ms_max);
                if (!wait) return bad("sibling_wait_ms", value, "it is a whole number from 0 to 60000");
                settings.sibling_wait = std::chrono::milliseconds{*wait};
                return {};
            },
            reset_to_default<&DestinationSettings::sibling_wait>},
    Setting{"quiet_hours", read_quiet_hours, reset_to_default<&DestinationSettings::quiet_hours>},
    Setting{"digest_hour",
            [](DestinationSettings& settings, const json::value& value) -> Result<void> {
                const auto hour = whole_number(value, 0, 23);
                if (!hour) return bad("digest_hour", value, "it is a whole hour from 0 to 23");
                settings.digest_hour = static_cast<int>(*hour);
                return {};
            },
            reset_to_default<&DestinationSettings::digest_hour>},
    Setting{"storm_after",
            [](DestinationSettings& settings, const json::value& value) -> Result<void> {
                const auto most = whole_number(value, 0, storm_after_max);
                if (!most) return bad("storm_after", value, "it is a whole number from 0 (never) to 1000");
                settings.storm_after = *most;
                return {};
            },
            reset_to_default<&DestinationSettings::storm_after>},
};

const Setting* find_setting(std::string_view name) {
    const auto* const found = std::ranges::find(known_settings, name, &Setting::name);
    return found == known_settings.end() ? nullptr : found;
}

Result<void> apply(DestinationSettings& settings, const Setting& setting, const json::value& value) {
    if (!value.is_null()) return setting.read(settings, value);
    setting.reset(settings);
    return {};
}

Result<void> check_kind(const DestinationSettings& settings, DestinationKind kind) {
    if (kind == DestinationKind::slack_bot && settings.channel.empty()) {
        return fail(ErrorCode::invalid,
                    "a bot has to be told its channel, by the setting \"channel\": its "
                    "id, like C0123ABCD, is at the end of the channel's details in Slack");
    }
    if (kind == DestinationKind::slack_webhook && !settings.channel.empty()) {
        return fail(ErrorCode::invalid,
                    "a webhook knows its channel and refuses to be told one: leave \"channel\" away, or make "
                    "a destination of kind slack-bot");
    }
    return {};
}

std::string text_of(std::chrono::minutes time) {
    return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

// 1 and not 1E0, as whole numbers are written by people.
json::value as_written(double number) {
    const auto whole = static_cast<std::int64_t>(number);
    return static_cast<double>(whole) == number ? json::value(whole) : json::value(number);
}

json::value json_of(const std::optional<QuietHours>& quiet) {
    if (!quiet) return nullptr;
    json::array weekdays;
    for (std::size_t day = 0; day < weekday_names.size(); ++day) {
        if (quiet->weekdays.test(day)) weekdays.emplace_back(weekday_names.at(day));
    }
    return json::object{
        {"from", text_of(quiet->from)}, {"until", text_of(quiet->until)}, {"weekdays", std::move(weekdays)}};
}

}  // namespace

std::string_view name(DestinationKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

Result<DestinationKind> parse_destination_kind(std::string_view text) {
    const auto* const found = std::ranges::find(kinds, text);
    if (found == kinds.end()) {
        return fail(ErrorCode::invalid,
                    "there is no kind of destination \"{}\"{}; there are slack-webhook and slack-bot", text,
                    did_you_mean(text, kinds));
    }
    return static_cast<DestinationKind>(found - kinds.begin());
}

std::string to_json(const DestinationSettings& settings) {
    return json::serialize(json::object{
        {"channel", settings.channel},
        {"user_group", settings.user_group},
        {"tone", tones.at(static_cast<std::size_t>(settings.tone))},
        {"email_addresses", ways_of_addresses.at(static_cast<std::size_t>(settings.email_addresses))},
        {"messages_per_second", as_written(settings.messages_per_second)},
        {"burst", settings.burst},
        {"sibling_wait_ms", settings.sibling_wait.count()},
        {"quiet_hours", json_of(settings.quiet_hours)},
        {"digest_hour", settings.digest_hour},
        {"storm_after", settings.storm_after}});
}

Result<DestinationSettings> read_settings(std::string_view kept) {
    if (const auto fit = check_settings(kept); !fit) return std::unexpected{fit.error()};
    DestinationSettings settings;
    const json::value parsed = json::parse(kept);
    for (const auto& [key, value] : parsed.get_object()) {
        const Setting* setting = find_setting(key);
        if (setting == nullptr) continue;
        if (const auto fit = apply(settings, *setting, value); !fit) return std::unexpected{fit.error()};
    }
    return settings;
}

Result<DestinationSettings> changed(DestinationSettings settings, std::string_view change,
                                    DestinationKind kind) {
    if (const auto fit = check_settings(change); !fit) return std::unexpected{fit.error()};
    const json::value parsed = json::parse(change);
    for (const auto& [key, value] : parsed.get_object()) {
        const Setting* setting = find_setting(key);
        if (setting == nullptr) {
            return fail(ErrorCode::invalid, "there is no setting \"{}\"{}", std::string_view{key},
                        did_you_mean(key, known_settings | std::views::transform(&Setting::name)));
        }
        if (const auto fit = apply(settings, *setting, value); !fit) return std::unexpected{fit.error()};
    }
    if (const auto fit = check_kind(settings, kind); !fit) return std::unexpected{fit.error()};
    return settings;
}

}  // namespace tollgate::tenants
