// `tollgate reader`: who reads the journal, and how far.
#include <boost/json/object.hpp>

#include "core/clock.hpp"
#include "journal/watch.hpp"
#include "tenants/audit.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;

struct ReaderConfig : OperatorConfig {
    std::string name;
    bool with_unread = false;
};

boost::json::object to_json(const journal::ReaderState& reader) {
    const auto text_or_null = [](const auto& value, const auto& to_text) {
        return value ? boost::json::value(to_text(*value)) : boost::json::value(nullptr);
    };
    return {{"name", reader.name},
            {"unread", reader.unread},
            {"behind_since", text_or_null(reader.behind_since, to_rfc3339)},
            {"tick", reader.position.tick},
            {"holder", text_or_null(reader.holder, [](const Uuid& holder) { return holder.text(); })},
            {"epoch", reader.epoch},
            {"registered_at", to_rfc3339(reader.registered_at)}};
}

void print_readers(const journal::State& state) {
    constexpr auto line = "{:<16} {:>12} {:>10}  {:<36} {:>6}\n";
    fmt::print(line, "READER", "UNREAD", "BEHIND", "HOLDER", "EPOCH");
    for (const journal::ReaderState& reader : state.readers) {
        fmt::print(line, reader.name, reader.unread,
                   reader.behind_since ? age_text(*reader.behind_since, state.read_at) : "-",
                   reader.holder ? reader.holder->text() : "-", reader.epoch);
    }
}

// Readers are nobody's tenant's.
Result<journal::State> read_state(Transaction& tx, const Actor& actor) {
    if (const auto admitted = tenants::admit_to_platform(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return journal::read_state(tx);
}

process::Exit print_state(const journal::State& state, const ReaderConfig& config) {
    if (state.readers.empty()) {
        return process::report("tollgate reader list",
                               {ErrorCode::not_found, "nobody is registered to read the journal"});
    }
    if (!config.json) {
        print_readers(state);
        return process::Exit::done;
    }
    for (const journal::ReaderState& reader : state.readers) print_json(to_json(reader));
    return process::Exit::done;
}

process::Exit list(const ReaderConfig& config) {
    return perform("reader list", config, read_state,
                   [&](const journal::State& state) { return print_state(state, config); });
}

Result<journal::ReaderState> retire_reader(Transaction& tx, const Actor& actor, const ReaderConfig& config) {
    if (const auto admitted = tenants::admit_to_platform(tx, actor, tenants::Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    auto retired = journal::retire_reader(tx, config.name, config.with_unread);
    if (!retired) {
        if (retired.error().code == ErrorCode::conflict)
            retired.error().detail += ": --with-unread retires it all the same";
        return retired;
    }
    tenants::record(tx, actor,
                    {.verb = "reader retire",
                     .arguments = {{"name", config.name}, {"with_unread", config.with_unread}},
                     .result = {{"unread", retired->unread}},
                     .reason = config.reason});
    return retired;
}

process::Exit retire(const ReaderConfig& config) {
    return perform(
        "reader retire", config,
        [&](Transaction& tx, const Actor& actor) { return retire_reader(tx, actor, config); },
        [&](const journal::ReaderState& retired) {
            if (config.json) {
                print_json(to_json(retired));
            } else {
                fmt::print("retired {}: nothing is kept for it any more; about {} entries were unread\n",
                           retired.name, retired.unread);
            }
            return process::Exit::done;
        });
}

}  // namespace

std::vector<process::Command> reader_commands() {
    return {
        operator_command<ReaderConfig>(
            "reader list", "Show who reads the journal, and how far each is behind.",
            "UNREAD is what a reader has not passed, at most; BEHIND the age of the oldest of it. What\n"
            "the reader furthest behind has not passed is kept on disk.\n\n"
            "  tollgate reader list\n"
            "  tollgate reader list --json | jq 'select(.unread > 1000)'",
            [](process::Settings&, ReaderConfig&) {}, list),
        operator_command<ReaderConfig>(
            "reader retire", "Take a reader off the journal, so that nothing is kept for it.",
            "For one that does not come back. It is refused while entries are unread, because that\n"
            "reader would never see them.\n\n"
            "  tollgate reader retire billing --with-unread",
            [](process::Settings& settings, ReaderConfig& config) {
                settings.add_positional("name", config.name, "as `tollgate reader list` shows it", true);
                settings.add_flag("with-unread", config.with_unread, "also if entries are unread");
                config.declare_reason(settings);
            },
            retire),
    };
}

}  // namespace tollgate
