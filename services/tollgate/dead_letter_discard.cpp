// `tollgate dead-letter discard`: messages that nobody is to try again.
#include "consumer/settle_letters.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/progress.hpp"

namespace tollgate {

namespace {

using consumer::LetterFilter;
using consumer::Purpose;
using consumer::Settled;
using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view command = "tollgate dead-letter discard";

process::Exit told(const LetterConfig& config, const Settled& settled) {
    if (settled.settled == 0 && settled.left == 0) return no_letters("dead-letter discard", config);
    if (config.json) {
        print_json(boost::json::object{{"discarded", settled.settled}, {"left", settled.left}});
    } else {
        fmt::print("{} discarded\n", messages(settled.settled));
    }
    if (settled.left > 0) {
        fmt::print(stderr, "{} left alone: {}\n", messages(settled.left),
                   config.ids.empty() ? "beyond --limit, or being run"
                                      : "not in that state, being run, or not there");
    }
    return settled.settled == 0 ? process::Exit::nothing_matched : process::Exit::done;
}

// Those that are there now, in transactions of some each.
Result<Settled> discard_all(const LetterConfig& config, const LetterFilter& filter,
                            OperatorSession& session) {
    constexpr std::int64_t page = 500;
    Settled all;
    Progress progress;
    std::optional<consumer::LetterPlace> reached;
    do {
        const auto some = session.run([&](Transaction& tx, const Actor& actor) {
            return consumer::discard_letters(tx, actor, filter, config.reason,
                                             std::min(page, filter.limit - all.settled), reached);
        });
        if (!some) {
            if (all.settled > 0) fmt::print(stderr, "{} discarded, and then:\n", messages(all.settled));
            return std::unexpected{some.error()};
        }
        all.settled += some->settled;
        reached = some->reached;
        progress.tell("{} discarded", messages(all.settled));
    } while (reached && all.settled < filter.limit);
    if (!filter.ids.empty()) {
        all.left = std::max<std::int64_t>(0, std::ssize(filter.ids) - all.settled);
        return all;
    }
    const auto left = session.run([&](Transaction& tx, const Actor& actor) {
        return consumer::count_letters(tx, actor, filter, Purpose::discard);
    });
    if (!left) return std::unexpected{left.error()};
    all.left = *left;
    return all;
}

process::Exit discard(const LetterConfig& config) {
    auto filter = config.filter(consumer::no_limit, consumer::no_limit);
    if (!filter) return process::report(command, filter.error());
    if (!config.execute)
        return show_preview("dead-letter discard", config, *filter, Purpose::discard, "discarded");
    auto session = OperatorSession::open(config);
    if (!session) return process::report(command, session.error());
    if (const auto bounded = bound_to_now(*session, *filter); !bounded)
        return process::report(command, bounded.error());
    const auto settled = discard_all(config, *filter, *session);
    return settled ? told(config, *settled) : process::report(command, settled.error());
}

}  // namespace

std::vector<process::Command> dead_letter_discard_commands() {
    return {operator_command<LetterConfig>(
        "dead-letter discard", "Give up messages: nobody tries them again.",
        "Without --execute it shows what would be discarded: all that match, unless --limit says "
        "otherwise.\n\n"
        "  tollgate dead-letter discard --tenant acme --consumer billing --fingerprint 0badc0de0badc0de\n"
        "  tollgate dead-letter discard --id 0190b0f0-5a1e-7c3d-8a5b-000000000001 --consumer billing \\\n"
        "      --execute --reason 'a test, see ticket 71'",
        [](process::Settings& settings, LetterConfig& config) {
            config.declare_filter(settings);
            config.declare_ids(settings);
            config.declare_execute(settings);
        },
        discard)};
}

}  // namespace tollgate
