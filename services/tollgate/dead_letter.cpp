// `tollgate dead-letter list|groups|show|export`: messages that a consumer could not do, and entries that the
// relay could not put on the bus.
#include <boost/json/array.hpp>

#include "consumer/letter_bytes.hpp"
#include "consumer/work_row.hpp"
#include "crypto/base64.hpp"
#include "telemetry/text.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"
#include "tollgate/progress.hpp"

namespace tollgate {

namespace {

using consumer::Letter;
using consumer::LetterBytes;
using consumer::LetterFilter;
using consumer::LetterStory;
using postgres::Transaction;
using tenants::Actor;

struct ListConfig : LetterConfig {
    std::string behind;
};

struct ShowConfig : OperatorConfig {
    std::string event;
    std::string consumer;
    bool body = false;
};

// Where the next ones begin holds also when others come meanwhile, which a higher limit would begin with.
void tell_of_next(const std::vector<Letter>& shown, std::int64_t limit) {
    tell_of_more(true, limit);
    fmt::print(stderr, "the next ones: --behind {}\n", to_text(consumer::place_of(shown.back())));
}

process::Exit list(const ListConfig& config) {
    constexpr std::int64_t limit = 100;
    const auto failed = [](const Error& error) {
        return process::report("tollgate dead-letter list", error);
    };
    const auto filter = config.filter(limit);
    if (!filter) return failed(filter.error());
    std::optional<consumer::LetterPlace> behind;
    if (!config.behind.empty()) {
        auto place = consumer::parse_place(config.behind);
        if (!place) return failed(place.error().within("--behind"));
        behind = std::move(*place);
    }
    return perform(
        "dead-letter list", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::list_letters(tx, actor, *filter, behind);
        },
        [&](const consumer::LetterList& found) {
            if (found.letters.empty()) return no_letters("dead-letter list", config);
            if (config.json) {
                for (const Letter& letter : found.letters) print_json(to_json(letter));
            } else {
                print_letters(found.letters);
            }
            if (found.more) tell_of_next(found.letters, filter->limit);
            return process::Exit::done;
        });
}

process::Exit groups(const LetterConfig& config) {
    constexpr std::int64_t limit = 100;
    const auto filter = config.filter(limit);
    if (!filter) return process::report("tollgate dead-letter groups", filter.error());
    return perform(
        "dead-letter groups", config,
        [&](Transaction& tx, const Actor& actor) {
            LetterFilter one_more = *filter;
            ++one_more.limit;
            return consumer::group_letters(tx, actor, one_more);
        },
        [&](std::vector<consumer::LetterGroup>& found) {
            const bool more = cut_to(filter->limit, found);
            if (found.empty()) return no_letters("dead-letter groups", config);
            if (config.json) {
                for (const auto& group : found) print_json(to_json(group));
            } else {
                print_groups(found);
            }
            tell_of_more(more, filter->limit);
            return process::Exit::done;
        });
}

boost::json::object story_json(const LetterStory& story) {
    boost::json::object object = to_json(story.letter);
    boost::json::array headers;
    for (const auto& [name, value] : story.headers)
        headers.push_back(boost::json::array{telemetry::valid_utf8(name), telemetry::valid_utf8(value)});
    boost::json::array attempts;
    for (const auto& attempt : story.attempts) {
        attempts.push_back({{"attempt", attempt.attempt},
                            {"at", to_rfc3339(attempt.at)},
                            {"cause", attempt.cause},
                            {"outcome", attempt.outcome},
                            {"reason", attempt.reason},
                            {"build", attempt.build}});
    }
    object["headers"] = std::move(headers);
    object["failed_attempts"] = std::move(attempts);
    return object;
}

void print_story(const LetterStory& story) {
    const Letter& letter = story.letter;
    fmt::print("event        {}\nconsumer     {}\ntenant       {}\ntype         {}\n", letter.id,
               letter.consumer, letter.tenant_slug.value_or(letter.tenant.text()),
               telemetry::printable(letter.type.value_or("-")));
    fmt::print("state        {}{} since {}\nattempts     {}\nreason       {}\nfingerprint  {}\n",
               letter.state, letter.running ? ", and being run now" : "", to_rfc3339(letter.changed_at),
               letter.attempts, telemetry::printable(letter.reason), letter.fingerprint);
    fmt::print("topic        {}\n", telemetry::printable(letter.topic));
    if (letter.log_topic) {
        fmt::print("lay in       {}[{}]@{}\n", *letter.log_topic, letter.log_partition.value_or(0),
                   letter.log_offset.value_or(0));
    }
    if (!story.headers.empty()) fmt::print("\nheaders:\n");
    for (const auto& [name, value] : story.headers)
        fmt::print("  {}: {}\n", telemetry::printable(name), telemetry::printable(value));
    if (!story.attempts.empty()) fmt::print("\nfailed attempts:\n");
    for (const auto& attempt : story.attempts) {
        fmt::print("  {}  {} ({}, build {}) {}: {}\n", to_rfc3339(attempt.at), attempt.attempt, attempt.cause,
                   attempt.build, attempt.outcome, telemetry::printable(attempt.reason));
    }
    if (letter.state == "dead" || letter.state == "held") {
        fmt::print("\nto try it again: tollgate dead-letter replay --consumer {} --id {}{}\n",
                   letter.consumer, letter.id, letter.state == "held" ? " --state held" : "");
    }
}

boost::json::object bytes_json(const LetterBytes& bytes) {
    const auto base64 = [](const std::optional<std::string>& value) {
        return value ? boost::json::value(crypto::base64_encode(*value)) : boost::json::value(nullptr);
    };
    boost::json::object object = to_json(bytes.letter);
    object["key_base64"] = base64(bytes.key);
    object["body_base64"] = base64(bytes.value);
    return object;
}

process::Exit show_body(const ShowConfig& config, const Uuid& event) {
    return perform(
        "dead-letter show", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::read_letter(tx, actor, config.consumer, event);
        },
        [&](const LetterBytes& bytes) {
            if (config.json) {
                print_json(bytes_json(bytes));
                return process::Exit::done;
            }
            if (!bytes.value) {
                return process::report("tollgate dead-letter show",
                                       {ErrorCode::not_found, "its bytes are not there any more"});
            }
            std::fwrite(bytes.value->data(), 1, bytes.value->size(), stdout);
            return process::Exit::done;
        });
}

process::Exit show(const ShowConfig& config) {
    const auto event = Uuid::parse(config.event);
    if (!event) return process::report("tollgate dead-letter show", event.error());
    if (config.consumer.empty()) {
        return process::report(
            "tollgate dead-letter show",
            {ErrorCode::invalid, "of which consumer? An id is the same for all: give --consumer"});
    }
    if (config.body) return show_body(config, *event);
    return perform(
        "dead-letter show", config,
        [&](Transaction& tx, const Actor& actor) {
            return consumer::show_letter(tx, actor, config.consumer, *event);
        },
        [&](const std::vector<LetterStory>& stories) {
            for (const LetterStory& story : stories) {
                if (config.json) {
                    print_json(story_json(story));
                } else {
                    print_story(story);
                }
            }
            return process::Exit::done;
        });
}

// A page at a time: each is in the audit log before it is printed. What comes meanwhile is not meant.
process::Exit export_all(const LetterConfig& config) {
    constexpr std::int64_t page = 50;
    const auto failed = [](const Error& error) {
        return process::report("tollgate dead-letter export", error);
    };
    auto filter = config.filter(consumer::no_limit, consumer::no_limit);
    if (!filter) return failed(filter.error());
    auto session = OperatorSession::open(config);
    if (!session) return failed(session.error());
    const auto bounded = bound_to_now(*session, *filter);
    if (!bounded) return failed(bounded.error());
    std::int64_t exported = 0;
    Progress progress;
    for (std::optional<consumer::LetterPlace> reached; exported < filter->limit;) {
        const std::int64_t most = std::min(page, filter->limit - exported);
        const auto some = session->run([&](Transaction& tx, const Actor& actor) {
            return consumer::export_letters(tx, actor, *filter, most, reached);
        });
        if (!some) return failed(some.error());
        for (const LetterBytes& bytes : *some) print_json(bytes_json(bytes));
        exported += std::ssize(*some);
        progress.tell("{} written", messages(exported));
        if (std::ssize(*some) < most) break;
        reached = consumer::place_of(some->back().letter);
    }
    if (exported == 0) return no_letters("dead-letter export", config);
    const auto all = session->run([&](Transaction& tx, const Actor& actor) {
        return consumer::count_letters(tx, actor, *filter, consumer::Purpose::copy);
    });
    if (!all) return failed(all.error());
    fmt::print(stderr, "{}, as they were before {}\n", messages(exported), to_rfc3339(*filter->until));
    if (*all > exported) fmt::print(stderr, "{} more match, beyond --limit\n", *all - exported);
    return process::Exit::done;
}

void declare_filter(process::Settings& settings, LetterConfig& config) {
    config.declare_filter(settings);
}

}  // namespace

std::vector<process::Command> dead_letter_commands() {
    return {
        operator_command<ListConfig>(
            "dead-letter list", "Show messages that a consumer could not do, the newest first.",
            "Those of the consumer `relay` are entries that it could not put on the bus.\n\n"
            "  tollgate dead-letter list --tenant acme --consumer billing\n"
            "  tollgate dead-letter list --all-tenants --type stripe.invoice.paid --attempts-min 3 --json",
            [](process::Settings& settings, ListConfig& config) {
                config.declare_filter(settings);
                settings.add_option(
                    "behind", config.behind,
                    "the next ones: from where a list before has ended, as it said on stderr");
            },
            list),
        operator_command<LetterConfig>(
            "dead-letter groups", "Show what the messages died of, the most frequent first.",
            "Reasons that differ by ids, numbers and quoted words alone have one fingerprint.\n\n"
            "  tollgate dead-letter groups --all-tenants --since 2026-11-01T00:00:00Z",
            declare_filter, groups),
        operator_command<ShowConfig>(
            "dead-letter show", "Show one of them: headers, where it lay, and all attempts.",
            "With --body its bytes as they came, and nothing else; that you looked is recorded.\n\n"
            "  tollgate dead-letter show 0190b0f0-5a1e-7c3d-8a5b-000000000001 --consumer billing",
            [](process::Settings& settings, ShowConfig& config) {
                settings.add_positional("event", config.event, "its id, as `dead-letter list` shows it",
                                        true);
                settings.add_option("consumer", config.consumer, "whose: enrichment, billing, relay ...");
                settings.suggest({"enrichment", "billing", "delivery", "relay"});
                settings.add_flag("body", config.body, "its bytes");
            },
            show),
        operator_command<LetterConfig>(
            "dead-letter export", "Write them with their bytes as JSON, one a line, the oldest first.",
            "All that match, unless --limit says otherwise. That they were read is recorded.\n\n"
            "  tollgate dead-letter export --tenant acme --consumer billing >letters.ndjson",
            declare_filter, export_all),
    };
}

}  // namespace tollgate
