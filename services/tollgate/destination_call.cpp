// `tollgate destination test` and `reconnect`: whether Slack takes what we send it.
#include <boost/json/object.hpp>

#include "delivery/test_message.hpp"
#include "http/io_threads.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/destination_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using delivery::Outcome;
using delivery::OutcomeKind;
using postgres::Transaction;
using process::Exit;
using tenants::Actor;
using tenants::CheckedSecret;
using tenants::DestinationState;
using tenants::OpenDestination;

// What came of a test, for people and for programs.
enum class Verdict {
    works,
    broken,     // until somebody mends it
    not_known,  // Slack has trouble, or did not answer
};

Verdict verdict_of(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::delivered:
            return Verdict::works;
        case OutcomeKind::retry:
        case OutcomeKind::unknown:
            return Verdict::not_known;
        case OutcomeKind::retry_as_text:
        case OutcomeKind::retry_top_level:
        case OutcomeKind::reply_instead:
        case OutcomeKind::refresh_token:
        case OutcomeKind::confirm:
        case OutcomeKind::reconnect:
        case OutcomeKind::dead:
            break;
    }
    return Verdict::broken;
}

std::string_view word_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::works:
            return "works";
        case Verdict::broken:
            return "broken";
        case Verdict::not_known:
            break;
    }
    return "not known";
}

Outcome call(const delivery::SlackClient& slack, const OpenDestination& destination) {
    const http::IoThreads threads{1};
    const delivery::Message message = delivery::test_message(destination);
    return http::await_from_here(threads.executor(0), slack.send(destination, message));
}

Error error_of(const Outcome& outcome) {
    const bool later = verdict_of(outcome.kind) == Verdict::not_known;
    std::string reason = outcome.reason;
    if (later && outcome.after) reason += fmt::format(" Try again in {} s.", outcome.after->count());
    if (later && !outcome.after) reason += " Try again later.";
    return {later ? ErrorCode::unavailable : ErrorCode::refused, reason};
}

Exit print_outcome(const std::string& command, const OpenDestination& destination, const Outcome& outcome,
                   bool json) {
    const Verdict verdict = verdict_of(outcome.kind);
    if (json) {
        boost::json::object object{{"destination", destination.id.text()},
                                   {"slug", destination.slug},
                                   {"verdict", word_of(verdict)},
                                   {"reason", outcome.reason},
                                   {"slack_word", outcome.code}};
        if (!outcome.ts.empty()) {
            object["channel"] = outcome.channel;
            object["ts"] = outcome.ts;
        }
        print_json(object);
    }
    if (verdict != Verdict::works) {
        const Error error = error_of(outcome);
        return json ? process::exit_of(error.code) : process::report(command, error);
    }
    if (!json) {
        fmt::print("Slack took the message: look for it in {}.\n",
                   outcome.channel.empty() ? "the webhook's channel" : "channel " + outcome.channel);
    }
    return Exit::done;
}

Exit test(const DestinationConfig& config) {
    constexpr const char* command = "tollgate destination test";
    const auto keys = config.seal.load();
    if (!keys) return process::report(command, keys.error());
    const auto slack = delivery::SlackClient::make(config.slack);
    if (!slack) return process::report(command, slack.error());
    return perform(
        "destination test", config,
        [&](Transaction& tx, const Actor& actor) {
            return test_destination(tx, actor, *keys, config.tenant, config.slug, config.reason);
        },
        // Outside of the transaction: a call may take seconds.
        [&](const OpenDestination& opened) {
            return print_outcome(command, opened, call(*slack, opened), config.json);
        });
}

// As it would be with that secret. The one that it has may not open any more.
OpenDestination with_secret(const DestinationState& state, const CheckedSecret& secret) {
    return {.tenant = state.tenant,
            .id = state.id,
            .tenant_slug = state.tenant_slug,
            .time_zone = {},
            .slug = state.slug,
            .kind = state.kind,
            .enabled = true,
            .secret = secret.value(),
            .settings = state.settings};
}

// The secret in its place, and what waits for the destination on its way, in one transaction.
Result<DestinationState> take_secret(Transaction& tx, const Actor& actor, const crypto::Keyring& keys,
                                     const DestinationConfig& config, const CheckedSecret& secret) {
    return reconnect_destination(tx, actor, keys, config.tenant, config.slug, secret, config.reason);
}

Exit reconnect(const DestinationConfig& config) {
    constexpr const char* command = "tollgate destination reconnect";
    const auto keys = config.seal.load();
    if (!keys) return process::report(command, keys.error());
    const auto slack = delivery::SlackClient::make(config.slack);
    if (!slack) return process::report(command, slack.error());
    auto session = OperatorSession::open(config);
    if (!session) return process::report(command, session.error());
    const auto state = session->run([&](Transaction& tx, const Actor& actor) {
        return show_destination(tx, actor, config.tenant, config.slug);
    });
    if (!state) return process::report(command, state.error());
    const auto secret = read_destination_secret(config, *slack, state->kind);
    if (!secret) return process::report(command, secret.error());

    const OpenDestination tried = with_secret(*state, *secret);
    const Outcome outcome = call(*slack, tried);
    if (verdict_of(outcome.kind) == Verdict::broken) {
        return process::report(
            command, {ErrorCode::refused,
                      "nothing was changed, because Slack refuses the new one as well: " + outcome.reason});
    }
    const auto taken = session->run(
        [&](Transaction& tx, const Actor& actor) { return take_secret(tx, actor, *keys, config, *secret); });
    if (!taken) return process::report(command, taken.error());
    if (!config.json) print_destination({.destination = *taken}, false);
    return print_outcome(command, tried, outcome, config.json);
}

}  // namespace

std::vector<process::Command> destination_call_commands() {
    return {
        operator_command<DestinationConfig>(
            "destination test", "Send one message to a destination, and tell what came back.",
            "Exit code 0: Slack took it. 1: it will not until somebody mends what is told. 5: try again.\n\n"
            "  tollgate destination test billing --tenant acme",
            [](process::Settings& settings, DestinationConfig& config) {
                config.declare_change(settings);
                config.seal.declare(settings);
                config.slack.declare(settings);
            },
            test),
        operator_command<DestinationConfig>(
            "destination reconnect", "Give a destination another secret, and try it.",
            "A message is sent with the new one first: if Slack refuses it, all stays as it was. If Slack "
            "has\n"
            "trouble just then, the new one is taken, and the exit code is 5.\n\n"
            "  tollgate destination reconnect billing --tenant acme --secret-file - <url.txt",
            [](process::Settings& settings, DestinationConfig& config) {
                config.declare_change(settings);
                config.declare_secret(settings);
            },
            reconnect),
    };
}

}  // namespace tollgate
