// `tollgate reader`: who reads the journal, and how far.
#include <algorithm>
#include <memory>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/clock.hpp"
#include "journal/watch.hpp"
#include "process/database_check.hpp"
#include "tollgate/commands.hpp"

namespace tollgate {

namespace {

struct ReaderConfig {
    process::DatabaseConfig database;
    std::string name;
    bool with_unread = false;
    bool json = false;

    Result<postgres::Connection> connect() const {
        return postgres::Connection::open(database.connection("tollgate reader", "tollgate_operator"));
    }
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

std::string age(Timestamp since, Timestamp now) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(std::max(now - since, {}));
    const auto hours = std::chrono::floor<std::chrono::hours>(whole);
    const auto minutes = std::chrono::floor<std::chrono::minutes>(whole - hours);
    if (hours.count() > 0) return fmt::format("{}h {}m", hours.count(), minutes.count());
    if (minutes.count() > 0) return fmt::format("{}m {}s", minutes.count(), (whole - minutes).count());
    return fmt::format("{}s", whole.count());
}

void print_table(const journal::State& state) {
    constexpr auto line = "{:<16} {:>12} {:>10}  {:<36} {:>6}\n";
    fmt::print(line, "READER", "UNREAD", "BEHIND", "HOLDER", "EPOCH");
    for (const journal::ReaderState& reader : state.readers) {
        fmt::print(line, reader.name, reader.unread,
                   reader.behind_since ? age(*reader.behind_since, state.read_at) : "-",
                   reader.holder ? reader.holder->text() : "-", reader.epoch);
    }
}

process::Exit list(const ReaderConfig& config) {
    auto connection = config.connect();
    if (!connection) return process::report("tollgate reader list", connection.error());
    const auto state = journal::read_state(*connection);
    if (!state) return process::report("tollgate reader list", state.error());
    if (state->readers.empty()) {
        return process::report("tollgate reader list",
                               {ErrorCode::not_found, "nobody is registered to read the journal"});
    }
    if (!config.json) {
        print_table(*state);
        return process::Exit::done;
    }
    for (const journal::ReaderState& reader : state->readers)
        fmt::print("{}\n", boost::json::serialize(to_json(reader)));
    return process::Exit::done;
}

process::Exit retire(const ReaderConfig& config) {
    auto connection = config.connect();
    if (!connection) return process::report("tollgate reader retire", connection.error());
    const auto retired = journal::retire_reader(*connection, config.name, config.with_unread);
    if (!retired) {
        Error error = retired.error();
        if (error.code == ErrorCode::conflict) error.detail += ": --with-unread retires it all the same";
        return process::report("tollgate reader retire", error);
    }
    if (config.json) {
        fmt::print("{}\n", boost::json::serialize(to_json(*retired)));
    } else {
        fmt::print("retired {}: nothing is kept for it any more; about {} entries were unread\n",
                   retired->name, retired->unread);
    }
    return process::Exit::done;
}

using Action = process::Exit (*)(const ReaderConfig&);

std::function<std::function<process::Exit()>(process::Settings&)> prepared(Action action,
                                                                           void (*declare)(process::Settings&,
                                                                                           ReaderConfig&)) {
    return [=](process::Settings& settings) -> std::function<process::Exit()> {
        auto config = std::make_shared<ReaderConfig>();
        config->database.declare(settings);
        declare(settings, *config);
        settings.add_flag("json", config->json, "print one JSON object for each reader");
        return [=] { return action(*config); };
    };
}

}  // namespace

process::Command reader_list_command() {
    return {.words = "reader list",
            .summary = "Show who reads the journal, and how far each is behind.",
            .details =
                "UNREAD is what a reader has not passed, at most; BEHIND the age of the oldest of it. What\n"
                "the reader furthest behind has not passed is kept on disk.\n\n"
                "  tollgate reader list\n"
                "  tollgate reader list --json | jq 'select(.unread > 1000)'",
            .prepare = prepared(list, [](process::Settings&, ReaderConfig&) {})};
}

process::Command reader_retire_command() {
    return {.words = "reader retire",
            .summary = "Take a reader off the journal, so that nothing is kept for it.",
            .details =
                "For one that does not come back. It is refused while entries are unread, because that\n"
                "reader would never see them.\n\n"
                "  tollgate reader retire billing --with-unread",
            .prepare = prepared(retire, [](process::Settings& settings, ReaderConfig& config) {
                settings.add_positional("name", config.name, "as `tollgate reader list` shows it", true);
                settings.add_flag("with-unread", config.with_unread, "also if entries are unread");
            })};
}

}  // namespace tollgate
