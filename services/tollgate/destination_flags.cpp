#include "tollgate/destination_flags.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "http/io_threads.hpp"
#include "telemetry/text.hpp"
#include "tenants/names.hpp"
#include "tollgate/output.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace json = boost::json;
using tenants::DestinationState;

namespace {

// A number if it is one; what is none is told by who knows the setting.
json::value number_or_text(const std::string& text) {
    boost::system::error_code failure;
    json::value parsed = json::parse(text, failure);
    return failure || !parsed.is_number() ? json::value(json::string{text}) : parsed;
}

// "22:00-07:00", or "22:00-07:00 mon,tue,sat".
json::value quiet_hours_of(const std::string& text) {
    const std::size_t dash = text.find('-');
    const std::size_t blank = text.find(' ');
    if (dash == std::string::npos) return json::string{text};
    json::object quiet{{"from", text.substr(0, dash)}, {"until", text.substr(dash + 1, blank - dash - 1)}};
    if (blank == std::string::npos) return quiet;
    json::array weekdays;
    for (std::size_t at = blank + 1; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        weekdays.emplace_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    quiet["weekdays"] = std::move(weekdays);
    return quiet;
}

// Whether what is for it goes, in a word and in words.
struct Standing {
    std::string_view word;
    std::string told;
};

Standing standing_of(const StandingDestination& one) {
    const auto& trouble = one.trouble;
    if (one.destination.disabled_at) return {"disabled", "disabled: what is for it waits"};
    if (!trouble) return {"well", "well"};
    const std::string reason = telemetry::printable(trouble->reason);
    if (trouble->broken_at)
        return {"broken", fmt::format("broken since {}: {}", to_rfc3339(*trouble->broken_at), reason)};
    if (trouble->left_alone) {
        return {"left_alone", fmt::format("left alone until {}: calls to it fail one after the other",
                                          to_rfc3339(*trouble->left_alone))};
    }
    return {"paused",
            fmt::format("paused until {}: {}",
                        trouble->paused_until ? to_rfc3339(*trouble->paused_until) : "now", reason)};
}

json::object to_json(const StandingDestination& one) {
    const DestinationState& destination = one.destination;
    const Standing standing = standing_of(one);
    return {{"state", standing.word},
            {"state_told", standing.told},
            {"destination", destination.id.text()},
            {"tenant", destination.tenant.text()},
            {"tenant_slug", destination.tenant_slug},
            {"slug", destination.slug},
            {"kind", name(destination.kind)},
            {"settings", json::parse(tenants::to_json(destination.settings))},
            {"host", destination.host.empty() ? json::value(nullptr) : json::value(destination.host)},
            {"fingerprint", destination.fingerprint},
            {"secret_since", to_rfc3339(destination.secret_since)},
            {"disabled_at", json_or_null(destination.disabled_at)},
            {"created_at", to_rfc3339(destination.created_at)}};
}

// Where its messages are seen, as far as we know.
std::string place_of(const DestinationState& destination) {
    return destination.host.empty() ? destination.settings.channel : destination.host;
}

}  // namespace

void DestinationFlags::declare(process::Settings& flags) {
    flags.add_option("channel", channel, "of a bot: the channel's id, as C0123ABCD");
    flags.add_option("user-group", user_group, "who is mentioned when somebody must act now, as S0123ABCD");
    flags.add_option("tone", tone, "neutral (else), or playful");
    flags.accept_only({"neutral", "playful"});
    flags.add_option("email-addresses", email_addresses, "masked (else), full or hidden");
    flags.accept_only({"masked", "full", "hidden"});
    flags.add_option("messages-per-second", messages_per_second, "1 (else): what Slack takes of a channel");
    flags.add_option("burst", burst, "so many at once: 3 (else)");
    flags.add_option("sibling-wait-ms", sibling_wait_ms, "for other events of the same fact: 7000 (else)");
    flags.add_option("quiet-hours", quiet_hours,
                     "in the tenant's zone: \"22:00-07:00\", or \"22:00-07:00 mon,tue\" for some days");
    flags.add_option("digest-hour", digest_hour, "of the day, in the tenant's zone: 9 (else)");
    flags.add_option("storm-after", storm_after,
                     "more of a kind in five minutes are told as one: 8 (else), or 0 for never");
    flags.add_option("settings", settings, "any of these as a JSON object, or @FILE");
}

Result<std::string> DestinationFlags::json() const {
    json::object object;
    if (!settings.empty()) {
        const auto text = read_text(settings);
        if (!text) return std::unexpected{text.error().within("--settings")};
        if (const auto fit = tenants::check_settings(*text); !fit)
            return std::unexpected{fit.error().within("--settings")};
        object = json::parse(*text).get_object();
    }
    const auto put = [&](std::string_view setting, const std::string& flag, auto&& read) {
        if (flag.empty()) return;
        object[setting] = flag == "default" ? json::value(nullptr) : json::value(read(flag));
    };
    const auto text = [](const std::string& flag) { return json::string{flag}; };
    put("channel", channel, text);
    put("user_group", user_group, text);
    put("tone", tone, text);
    put("email_addresses", email_addresses, text);
    put("messages_per_second", messages_per_second, number_or_text);
    put("burst", burst, number_or_text);
    put("sibling_wait_ms", sibling_wait_ms, number_or_text);
    put("quiet_hours", quiet_hours, quiet_hours_of);
    put("digest_hour", digest_hour, number_or_text);
    put("storm_after", storm_after, number_or_text);
    return json::serialize(object);
}

void DestinationConfig::declare_one(process::Settings& settings) {
    settings.add_positional("destination", slug, "its slug or id", true);
    declare_tenant(settings);
    settings.require_last();
}

void DestinationConfig::declare_change(process::Settings& settings) {
    declare_one(settings);
    declare_reason(settings);
}

void DestinationConfig::declare_secret(process::Settings& settings) {
    settings.add_option("secret-file", secret_file,
                        "a file with the webhook's URL or the bot's token; - is stdin");
    settings.require_last();
    seal.declare(settings);
    slack.declare(settings);
}

Result<tenants::CheckedSecret> read_destination_secret(const DestinationConfig& config,
                                                       const delivery::SlackClient& slack,
                                                       tenants::DestinationKind kind) {
    auto secret = read_secret_file(config.secret_file);
    if (!secret) return std::unexpected{secret.error().within("--secret-file")};
    const http::IoThreads threads{1};
    const auto address = [&](const std::string& url) -> Result<std::string> {
        auto host = http::await_from_here(threads.executor(0), slack.check(url));
        // What is forbidden is the address, not the operator.
        if (!host && host.error().code == ErrorCode::forbidden) {
            return fail(ErrorCode::invalid,
                        "{}; a host of your own network can be named in slack.internal_hosts",
                        host.error().detail);
        }
        return host;
    };
    return tenants::check_secret(kind, std::move(*secret), address);
}

Result<StandingDestination> with_trouble(postgres::Transaction& tx, Result<DestinationState> found) {
    if (!found) return std::unexpected{found.error()};
    return with_trouble(tx, std::vector{std::move(*found)}).front();
}

std::vector<StandingDestination> with_trouble(postgres::Transaction& tx,
                                              std::vector<DestinationState> found) {
    const auto troubled = delivery::troubled_lanes(tx);
    std::vector<StandingDestination> all;
    for (DestinationState& each : found) {
        const auto trouble = std::ranges::find(troubled, each.id, &delivery::LaneStanding::destination);
        all.push_back({.destination = std::move(each)});
        if (trouble != troubled.end()) all.back().trouble = *trouble;
    }
    return all;
}

process::Exit print_destination(const StandingDestination& one, bool json) {
    const DestinationState& destination = one.destination;
    if (json) {
        print_json(to_json(one));
        return process::Exit::done;
    }
    print_table({{"slug", destination.slug},
                 {"id", destination.id.text()},
                 {"tenant", destination.tenant_slug},
                 {"state", standing_of(one).told},
                 {"kind", std::string{name(destination.kind)}},
                 {"settings", tenants::to_json(destination.settings)},
                 {"host", destination.host.empty() ? "-" : destination.host},
                 {"fingerprint", destination.fingerprint},
                 {"secret since", to_rfc3339(destination.secret_since)},
                 {"disabled", text_or_dash(destination.disabled_at)},
                 {"created", to_rfc3339(destination.created_at)}});
    return process::Exit::done;
}

process::Exit print_destinations(const std::vector<StandingDestination>& all, bool json) {
    std::vector<std::vector<std::string>> rows{
        {"TENANT", "DESTINATION", "KIND", "CHANNEL OR HOST", "FINGERPRINT", "STATE"}};
    for (const StandingDestination& one : all) {
        const DestinationState& destination = one.destination;
        if (json) print_json(to_json(one));
        rows.push_back({destination.tenant_slug, destination.slug, std::string{name(destination.kind)},
                        place_of(destination), destination.fingerprint, standing_of(one).told});
    }
    if (!json) print_table(rows);
    return process::Exit::done;
}

}  // namespace tollgate
