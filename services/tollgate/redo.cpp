// `tollgate redo`: has a consumer do over what it is done with, from what is stored.
#include <algorithm>
#include <limits>
#include <span>

#include <boost/json/array.hpp>

#include "consumer/again.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/progress.hpp"
#include "tollgate/time_span.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view command = "tollgate redo";

struct RedoConfig : OperatorConfig {
    std::string consumer;
    std::string type;
    std::string since;
    std::string until;
    std::string limit;
    std::vector<std::string> ids;
    bool execute = false;

    Result<consumer::DoneFilter> filter() const;
    Result<std::int64_t> most() const;
};

Result<consumer::DoneFilter> RedoConfig::filter() const {
    const bool whose_is_said = ids.empty() || !tenant.empty() || all_tenants;
    const Result<std::optional<std::string>> tenant_given = whose_is_said ? scope() : std::nullopt;
    if (!tenant_given) return std::unexpected{tenant_given.error()};
    auto wanted = read_ids(ids);
    if (!wanted) return std::unexpected{wanted.error()};
    const auto time = read_span(since, until);
    if (!time) return std::unexpected{time.error()};
    if (!time->since && !time->until && wanted->empty())
        return fail(ErrorCode::invalid, "which ones? Give --id, or a time with --since and --until");
    return consumer::DoneFilter{.tenant = *tenant_given,
                                .consumer = consumer,
                                .type = if_given(type),
                                .since = time->since,
                                .until = time->until,
                                .ids = std::move(*wanted)};
}

Result<std::int64_t> RedoConfig::most() const {
    constexpr auto all = std::numeric_limits<std::int64_t>::max();
    return read_number<std::int64_t>("--limit", limit, all, 1, all);
}

// What came of a filter, step by step.
struct Tally {
    std::int64_t started = 0;
    std::int64_t left = 0;      // taken by somebody else meanwhile; of ids also those that are not meant
    std::int64_t dropped = 0;   // of these: nothing is stored of them any more
    std::int64_t matching = 0;  // and not started, because it was not said, or for the limit
    std::optional<Uuid> first;  // of these
    std::vector<Uuid> sample;   // likewise

    void add(const std::vector<Uuid>& ids);
};

void Tally::add(const std::vector<Uuid>& ids) {
    constexpr std::size_t shown_max = 10;
    if (!first && !ids.empty()) first = ids.front();
    matching += std::ssize(ids);
    for (std::size_t i = 0; i < ids.size() && sample.size() < shown_max; ++i) sample.push_back(ids[i]);
}

// A step at a time, each in a transaction of its own: there may be millions.
class Walk {
public:
    Walk(OperatorSession& session, const RedoConfig& config, const consumer::DoneFilter& filter)
        : session_{session}, config_{config}, filter_{filter} {}

    // Until so many are being done over, or all.
    Result<void> redo(std::int64_t most) {
        while (!ended_ && tally_.started < most) {
            const auto room = static_cast<std::size_t>(most - tally_.started);
            const auto step = session_.run([&](Transaction& tx, const Actor& actor) {
                return consumer::redo_found(tx, actor, filter_, reached_, room, config_.reason);
            });
            if (!step) return std::unexpected{step.error()};
            tally_.started += step->again.started;
            tally_.left += step->again.left;
            if (step->last) last_ = step->last;
            go_on(step->reached);
            tell(tally_.started, "will be done over");
        }
        return {};
    }

    // The others.
    Result<void> count() {
        while (!ended_) {
            const auto step = session_.run([&](Transaction& tx, const Actor& actor) {
                return consumer::find_done(tx, actor, filter_, reached_);
            });
            if (!step) return std::unexpected{step.error()};
            tally_.add(step->ids);
            go_on(step->reached);
            tell(tally_.matching, "found");
        }
        return {};
    }

    const Tally& tally() const { return tally_; }
    const std::optional<Uuid>& last() const { return last_; }

private:
    void tell(std::int64_t number, std::string_view done) {
        if (reached_)
            progress_.tell("{} {}, of those received until {}", messages(number), done,
                           to_rfc3339(time_of(*reached_)));
    }

    void go_on(const std::optional<Uuid>& reached) {
        ended_ = !reached;
        if (reached) reached_ = reached;
    }

    OperatorSession& session_;
    const RedoConfig& config_;
    const consumer::DoneFilter& filter_;
    Tally tally_;
    Progress progress_;
    std::optional<Uuid> reached_;
    std::optional<Uuid> last_;
    bool ended_ = false;
};

void tell_left(const Tally& tally) {
    if (tally.left > 0) {
        fmt::print(stderr, "{} left alone: not done, being run again already, or not of that kind\n",
                   messages(tally.left));
    }
    if (tally.dropped > 0) {
        fmt::print(stderr,
                   "{} of a day that was dropped: nothing is stored any more that could be done over\n",
                   messages(tally.dropped));
    }
}

process::Exit print_started(const RedoConfig& config, const Tally& tally) {
    if (config.json) {
        print_json(boost::json::object{
            {"started", tally.started},
            {"left", tally.left},
            {"not_started", tally.matching},
            {"go_on_since", tally.first ? boost::json::value(to_rfc3339(time_of(*tally.first))) : nullptr}});
    } else if (tally.started == 0) {
        fmt::print("nothing is done over by {}\n", config.consumer);
    } else {
        fmt::print("{} will be done over by {} now: `tollgate event show` tells what comes of it\n",
                   messages(tally.started), config.consumer);
    }
    tell_left(tally);
    if (tally.first) {
        fmt::print(stderr, "{} more match, beyond --limit: to go on, the same with --since {}\n",
                   tally.matching, to_rfc3339(time_of(*tally.first)));
    }
    return tally.started == 0 ? process::Exit::nothing_matched : process::Exit::done;
}

// Within the limit, as with --execute.
process::Exit print_found(const RedoConfig& config, const Tally& tally, std::int64_t most,
                          const std::string& moments) {
    const std::int64_t count = std::min(tally.matching, most);
    const auto shown = std::span{tally.sample}.first(
        static_cast<std::size_t>(std::min<std::int64_t>(count, std::ssize(tally.sample))));
    if (config.json) {
        boost::json::array sample;
        for (const Uuid& id : shown) sample.push_back(boost::json::value(id.text()));
        print_json(boost::json::object{{"dry_run", true}, {"count", count}, {"sample", std::move(sample)}});
    } else {
        fmt::print("{} would be done over by {}; nothing was done\n", messages(count), config.consumer);
        for (const Uuid& id : shown) fmt::print("  {}\n", id);
        if (count > std::ssize(shown)) fmt::print("  and {} more\n", count - std::ssize(shown));
        fmt::print("to do it: the same with{} --execute --reason 'why'\n", moments);
    }
    tell_left(tally);
    if (tally.matching > count) {
        fmt::print(stderr, "{} more match, beyond --limit, and would be left: the oldest are taken\n",
                   tally.matching - count);
    }
    return process::Exit::done;
}

process::Exit fail_after(const Walk& walk, const Error& error) {
    if (walk.last()) {
        fmt::print(stderr, "{} will be done over; to go on with the others, the same with --since {}\n",
                   messages(walk.tally().started), to_rfc3339(time_of(*walk.last())));
    }
    return process::report(command, error);
}

process::Exit redo(const RedoConfig& config) {
    if (config.consumer.empty())
        return process::report(command, {ErrorCode::invalid, "by which consumer? Give --consumer"});
    auto filter = config.filter();
    if (!filter) return process::report(command, filter.error());
    const auto most = config.most();
    if (!most) return process::report(command, most.error());
    auto session = OperatorSession::open(config);
    if (!session) return process::report(command, session.error());
    // What comes meanwhile is not meant.
    const auto now = session->run([](Transaction& tx, const Actor&) -> Result<Timestamp> {
        return tx.execute("select now()").only().get<Timestamp>(0);
    });
    if (!now) return process::report(command, now.error());
    const std::string moments =
        flags_of_moments(config.since, config.until, {.since = filter->since, .until = filter->until});
    if (filter->ids.empty()) filter->until = std::min(filter->until.value_or(*now), *now);
    Walk walk{*session, config, *filter};
    if (config.execute) {
        if (const auto done = walk.redo(*most); !done) return fail_after(walk, done.error());
    }
    if (const auto counted = walk.count(); !counted) return fail_after(walk, counted.error());
    Tally tally = walk.tally();
    if (!filter->ids.empty())
        tally.left = std::max<std::int64_t>(0, std::ssize(filter->ids) - tally.started - tally.matching);
    if (tally.left > 0 && !filter->ids.empty()) {
        const auto dropped = session->run([&](Transaction& tx, const Actor& actor) {
            return consumer::count_dropped(tx, actor, filter->ids);
        });
        if (!dropped) return process::report(command, dropped.error());
        tally.dropped = *dropped;
    }
    if (tally.started + tally.matching == 0 && (tally.left == 0 || !config.execute)) {
        tell_left(tally);
        return process::report(command,
                               {ErrorCode::not_found, "the consumer is done with no message of that kind"});
    }
    return config.execute ? print_started(config, tally) : print_found(config, tally, *most, moments);
}

}  // namespace

std::vector<process::Command> redo_commands() {
    return {operator_command<RedoConfig>(
        "redo", "Have a consumer do over what it is done with, from what is stored.",
        "It corrects what it did, and books nothing twice. It shows what would be done over, and --execute\n"
        "does it, all that match, the oldest first, in steps; each has its row in the audit log.\n"
        "What follows from it keeps its id, so consumers behind do not see it again: have them do it over "
        "in\n"
        "turn.\n\n"
        "  tollgate redo --consumer billing --all-tenants --type stripe.invoice.paid "
        "--since 2026-11-01T00:00:00Z\n"
        "  tollgate redo --consumer billing --id 0190b0f0-5a1e-7c3d-8a5b-000000000001 \\\n"
        "      --execute --reason 'wrong plan'",
        [](process::Settings& settings, RedoConfig& config) {
            config.declare_scope(settings);
            settings.add_option("consumer", config.consumer, "which one: enrichment, billing ...");
            settings.suggest({"enrichment", "billing", "delivery"});
            settings.add_list("id", config.ids, "the event's id; the other filters hold for it too");
            settings.add_option("type", config.type, "of the event, as stripe.invoice.paid");
            settings.add_option("since", config.since,
                                "received since, as 2026-11-01T00:00:00Z, 2026-11-01 or 2h, which is ago");
            settings.add_option("until", config.until, "likewise; that moment is left out");
            settings.add_option("limit", config.limit, "how many at most; it says how many are left");
            settings.add_flag("execute", config.execute,
                              "do it: without it is only shown what would be done over");
            config.declare_reason(settings);
        },
        redo)};
}

}  // namespace tollgate
