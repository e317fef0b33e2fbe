#include "tollgate/letter_flags.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <fmt/ranges.h>

#include "tollgate/output.hpp"
#include "tollgate/time_span.hpp"

namespace tollgate {

namespace {

using consumer::Letter;
using consumer::LetterGroup;

// Of a reason in a table.
constexpr std::size_t reason_shown_max = 90;

// No character of UTF-8 is cut in two.
std::string shortened(const std::string& reason) {
    if (reason.size() <= reason_shown_max) return reason;
    std::size_t end = reason_shown_max;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U) --end;
    return reason.substr(0, end) + "...";
}

template <typename T>
boost::json::array to_array(const std::vector<T>& all) {
    boost::json::array array;
    for (const T& one : all) array.push_back(to_json(one));
    return array;
}

}  // namespace

void LetterConfig::declare_filter(process::Settings& settings) {
    declare_scope(settings);
    settings.add_option("consumer", consumer, "whose: enrichment, billing, relay ...");
    settings.suggest({"enrichment", "billing", "delivery", "relay"});
    settings.add_option("state", state, "dead, held, retrying, discarded, done (what was too old) or all");
    settings.accept_only({"dead", "held", "retrying", "discarded", "done", "all"});
    settings.add_option(
        "type", type,
        "of the event, as stripe.invoice.paid, or of the message, as tollgate.payment.money_in");
    settings.add_option("fingerprint", fingerprint, "of the reason, as `dead-letter groups` shows it");
    settings.add_option("since", since,
                        "died since, as 2026-11-01T00:00:00Z, 2026-11-01 or 2h, which is ago");
    settings.add_option("until", until, "likewise; that moment is left out");
    settings.add_option("attempts-min", attempts_min, "that were tried at least so often");
    settings.add_option("limit", limit, "how many at most");
}

void LetterConfig::declare_ids(process::Settings& settings) {
    settings.add_list("id", ids, "the event's id; the other filters hold for it too");
}

void LetterConfig::declare_execute(process::Settings& settings) {
    settings.add_flag("execute", execute, "do it: without it is only shown what would be done");
    declare_reason(settings);
}

Result<consumer::LetterFilter> LetterConfig::filter(std::int64_t limit_default,
                                                    std::int64_t limit_most) const {
    consumer::LetterFilter filter{.consumer = if_given(consumer),
                                  .state = state == "all" ? "" : state,
                                  .type = if_given(type),
                                  .fingerprint = if_given(fingerprint)};
    if (ids.empty() || !tenant.empty() || all_tenants) {
        const auto tenant_given = scope();
        if (!tenant_given) return std::unexpected{tenant_given.error()};
        filter.tenant = *tenant_given;
    }
    const auto time = read_span(since, until);
    if (!time) return std::unexpected{time.error()};
    const auto attempts = read_number<std::int32_t>("--attempts-min", attempts_min, 0, 0, 1'000'000);
    if (!attempts) return std::unexpected{attempts.error()};
    const auto most = read_number<std::int64_t>("--limit", limit, limit_default, 1, limit_most);
    if (!most) return std::unexpected{most.error()};
    auto wanted = read_ids(ids);
    if (!wanted) return std::unexpected{wanted.error()};
    filter.since = time->since;
    filter.until = time->until;
    filter.attempts_min = *attempts;
    filter.limit = *most;
    filter.ids = std::move(*wanted);
    if (!filter.ids.empty() && !filter.consumer)
        return fail(ErrorCode::invalid, "of which consumer? An id is the same for all: give --consumer");
    return filter;
}

Result<std::vector<Uuid>> read_ids(const std::vector<std::string>& texts) {
    std::vector<Uuid> ids;
    for (const std::string& text : texts) {
        const auto id = Uuid::parse(text);
        if (!id) return std::unexpected{id.error().within("--id")};
        ids.push_back(*id);
    }
    std::ranges::sort(ids);
    const auto twice = std::ranges::unique(ids);
    ids.erase(twice.begin(), twice.end());
    return ids;
}

boost::json::value text_or_null(const std::optional<std::string>& text) {
    return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

boost::json::object to_json(const Letter& letter) {
    boost::json::object object{{"event_id", letter.id.text()},
                               {"consumer", letter.consumer},
                               {"tenant", letter.tenant.text()},
                               {"tenant_slug", text_or_null(letter.tenant_slug)},
                               {"type", text_or_null(letter.type)},
                               {"state", letter.state},
                               {"cause", letter.cause},
                               {"attempts", letter.attempts},
                               {"since", to_rfc3339(letter.since)},
                               {"changed_at", to_rfc3339(letter.changed_at)},
                               {"due_at", json_or_null(letter.due_at)},
                               {"reason", letter.reason},
                               {"fingerprint", letter.fingerprint},
                               {"hold", text_or_null(letter.hold)},
                               {"running", letter.running},
                               {"topic", letter.topic}};
    if (letter.log_topic) {
        object["log"] = {{"topic", *letter.log_topic},
                         {"partition", letter.log_partition.value_or(0)},
                         {"offset", letter.log_offset.value_or(0)}};
    }
    return object;
}

boost::json::object to_json(const LetterGroup& group) {
    return {{"consumer", group.consumer},
            {"fingerprint", group.fingerprint},
            {"state", group.state},
            {"count", group.count},
            {"tenants", group.tenants},
            {"first_seen", to_rfc3339(group.first_seen)},
            {"last_seen", to_rfc3339(group.last_seen)},
            {"sample_reason", group.sample_reason}};
}

boost::json::object to_json(const consumer::LetterPreview& preview) {
    return {{"dry_run", true},
            {"count", preview.count},
            {"beyond_limit", preview.beyond},
            {"groups", to_array(preview.groups)},
            {"sample", to_array(preview.sample)}};
}

void print_letters(const std::vector<Letter>& letters) {
    std::vector<std::vector<std::string>> rows{
        {"EVENT", "CONSUMER", "TENANT", "TYPE", "STATE", "ATTEMPTS", "CHANGED", "FINGERPRINT", "REASON"}};
    for (const Letter& letter : letters) {
        rows.push_back({letter.id.text(), letter.consumer, letter.tenant_slug.value_or("-"),
                        letter.type.value_or("-"), letter.running ? "running" : letter.state,
                        std::to_string(letter.attempts), to_rfc3339(letter.changed_at), letter.fingerprint,
                        shortened(letter.reason)});
    }
    print_table(rows);
}

void print_groups(const std::vector<LetterGroup>& groups) {
    std::vector<std::vector<std::string>> rows{
        {"FINGERPRINT", "CONSUMER", "STATE", "COUNT", "TENANTS", "FIRST SEEN", "LAST SEEN", "FOR EXAMPLE"}};
    for (const LetterGroup& group : groups) {
        rows.push_back({group.fingerprint, group.consumer, group.state, std::to_string(group.count),
                        std::to_string(group.tenants), to_rfc3339(group.first_seen),
                        to_rfc3339(group.last_seen), shortened(group.sample_reason)});
    }
    print_table(rows);
}

namespace {

void print_preview(const consumer::LetterPreview& preview, std::string_view verb, bool json,
                   const std::string& moments) {
    if (json) {
        print_json(to_json(preview));
        return;
    }
    fmt::print("{} would be {}; nothing was done\n", messages(preview.count), verb);
    if (preview.beyond > 0)
        fmt::print("{} more match, beyond --limit, and would be left: the oldest are taken\n",
                   preview.beyond);
    fmt::print("\n");
    print_groups(preview.groups);
    fmt::print("\n");
    print_letters(preview.sample);
    if (preview.count > std::ssize(preview.sample))
        fmt::print("and {} more\n", preview.count - std::ssize(preview.sample));
    fmt::print("\nto do it: the same with{} --execute --reason 'why'\n", moments);
}

}  // namespace

process::Exit show_preview(const std::string& command, const LetterConfig& config,
                           const consumer::LetterFilter& filter, consumer::Purpose purpose,
                           std::string_view done) {
    return perform(
        command, config,
        [&](postgres::Transaction& tx, const tenants::Actor& actor) {
            return consumer::preview_letters(tx, actor, filter, purpose);
        },
        [&](const consumer::LetterPreview& preview) {
            if (preview.count == 0) return no_letters(command, config);
            print_preview(
                preview, done, config.json,
                flags_of_moments(config.since, config.until, {.since = filter.since, .until = filter.until}));
            tell_left_alone(preview.left, filter.state);
            return process::Exit::done;
        });
}

void tell_left_alone(std::int64_t left, const std::string& state) {
    if (left > 0)
        fmt::print(stderr, "{} left alone: being replayed already, or not {}\n", messages(left), state);
}

void tell_beyond(std::int64_t beyond) {
    if (beyond > 0)
        fmt::print(stderr, "{} more match, beyond --limit: the same again takes the next\n", beyond);
}

Result<void> bound_to_now(OperatorSession& session, consumer::LetterFilter& filter) {
    const auto now = session.run([](postgres::Transaction& tx, const tenants::Actor&) -> Result<Timestamp> {
        return tx.execute("select clock_timestamp()").only().get<Timestamp>(0);
    });
    if (!now) return std::unexpected{now.error()};
    filter.until = std::min(filter.until.value_or(*now), *now);
    return {};
}

process::Exit no_letters(const std::string& command, const LetterConfig& config) {
    const std::string_view whose = config.tenant.empty() ? "--all-tenants" : "--tenant ";
    return process::report(
        "tollgate " + command,
        {ErrorCode::not_found,
         fmt::format("there are no messages of that kind{}; `tollgate dead-letter groups {}{} --state all` "
                     "shows what there is",
                     config.state == "all" ? "" : ", in state " + config.state, whose, config.tenant)});
}

std::string messages(std::int64_t count) {
    return fmt::format("{} message{}", count, count == 1 ? "" : "s");
}

}  // namespace tollgate
