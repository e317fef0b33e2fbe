// `tollgate dead-letter discard`: messages that nobody is to try again.
#include "consumer/settle_letters.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using consumer::LetterFilter;
using consumer::Settled;
using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view command = "tollgate dead-letter discard";

process::Exit nothing() {
    return process::report(command, {ErrorCode::not_found, "there are no messages of that kind"});
}

process::Exit dry_run(const LetterConfig& config, const LetterFilter& filter) {
    return perform(
        "dead-letter discard", config,
        [&](Transaction& tx, const Actor& actor) { return consumer::preview_letters(tx, actor, filter); },
        [&](const consumer::LetterPreview& preview) {
            if (preview.count == 0) return nothing();
            print_preview(preview, "discarded", config.json);
            return process::Exit::done;
        });
}

process::Exit told(const LetterConfig& config, const Settled& settled) {
    if (settled.settled == 0 && settled.left == 0) return nothing();
    if (config.json) {
        print_json(boost::json::object{{"discarded", settled.settled}, {"left", settled.left}});
    } else {
        fmt::print("{} discarded\n", messages(settled.settled));
    }
    if (settled.left > 0) {
        fmt::print(stderr, "{} left alone: not in that state, being run, or not there\n",
                   messages(settled.left));
    }
    return settled.settled == 0 ? process::Exit::nothing_matched : process::Exit::done;
}

// Those that are there now, in transactions of some each.
process::Exit by_filter(const LetterConfig& config, LetterFilter filter) {
    constexpr std::int64_t page = 500;
    auto session = OperatorSession::open(config);
    if (!session) return process::report(command, session.error());
    const auto now = session->run([](Transaction& tx, const Actor&) -> Result<Timestamp> {
        return tx.execute("select now()").only().get<Timestamp>(0);
    });
    if (!now) return process::report(command, now.error());
    filter.until = std::min(filter.until.value_or(*now), *now);
    std::int64_t left = filter.limit;
    Settled all;
    while (left > 0) {
        filter.limit = std::min(page, left);
        const auto some = session->run([&](Transaction& tx, const Actor& actor) {
            return consumer::discard_letters(tx, actor, filter, config.reason);
        });
        if (!some) {
            if (all.settled > 0) fmt::print(stderr, "{} discarded, and then:\n", messages(all.settled));
            return process::report(command, some.error());
        }
        if (some->settled == 0) break;
        all.settled += some->settled;
        left -= some->settled;
    }
    return told(config, all);
}

process::Exit discard(const LetterConfig& config) {
    const auto filter = config.filter(100'000);
    if (!filter) return process::report(command, filter.error());
    if (filter->ids.empty()) return config.execute ? by_filter(config, *filter) : dry_run(config, *filter);
    return perform(
        "dead-letter discard", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::discard_letters(tx, actor, *filter, config.reason);
        },
        [&](const Settled& settled) { return told(config, settled); });
}

}  // namespace

std::vector<process::Command> dead_letter_discard_commands() {
    return {operator_command<LetterConfig>(
        "dead-letter discard", "Give up messages: nobody tries them again.",
        "By filter it shows what would be discarded, and --execute does it. By ids it does it.\n\n"
        "  tollgate dead-letter discard --tenant acme --consumer billing --fingerprint 0badc0de0badc0de\n"
        "  tollgate dead-letter discard --id 0190b0f0-5a1e-7c3d-8a5b-000000000001 --consumer billing "
        "--reason 'a test, see ticket 71'",
        [](process::Settings& settings, LetterConfig& config) {
            config.declare_filter(settings);
            config.declare_ids(settings);
            config.declare_execute(settings);
        },
        discard)};
}

}  // namespace tollgate
