#include "tollgate/operator_session.hpp"

#include <cstdlib>
#include <filesystem>

#include "consumer/strangers.hpp"
#include "ingress/held.hpp"
#include "telemetry/text.hpp"
#include "tenants/audit.hpp"
#include "tollgate/event_name.hpp"
#include "tollgate/schemas.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

// Where a person's own token is, when nothing names another.
std::filesystem::path default_token_path() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is no second thread
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return {};
    return std::filesystem::path{home} / ".config/tollgate/token";
}

boost::json::object arguments_of(const Order& order) {
    constexpr std::size_t length_max = 500;
    boost::json::object arguments;
    for (const auto& [name, value] : order.arguments)
        arguments[name] = telemetry::printable(std::string_view{value}.substr(0, length_max));
    return arguments;
}

// What is no text the database could neither look for nor keep.
Result<void> check_text(const Order& order) {
    for (const auto& [name, value] : order.arguments) {
        if (telemetry::valid_utf8(value) != value)
            return fail(ErrorCode::invalid, "{}: \"{}\" is not UTF-8", name, value);
    }
    return {};
}

// What was asked for by name: ids of events, replays and whatever else, and beginnings of events' ids.
struct Asked {
    std::vector<Uuid> ids;
    std::vector<EventName> beginnings;

    explicit Asked(const Order& order);
    bool for_nothing() const { return ids.empty() && beginnings.empty(); }
    Result<bool> of_others(postgres::Transaction& tx, const tenants::Actor& actor) const;
};

Asked::Asked(const Order& order) {
    for (const auto& [name, value] : order.arguments) {
        if (const auto id = Uuid::parse(value)) {
            ids.push_back(*id);
        } else if (name == "event") {
            if (const auto beginning = parse_event_name(value)) beginnings.push_back(*beginning);
        }
    }
}

Result<bool> Asked::of_others(postgres::Transaction& tx, const tenants::Actor& actor) const {
    auto found = consumer::concerns_others(tx, actor, ids);
    if (found && !*found) found = ingress::held_of_others(tx, actor, ids);
    for (const EventName& name : beginnings) {
        if (found && !*found) found = consumer::concerns_others_between(tx, actor, name.first, name.last);
    }
    return found;
}

}  // namespace

std::optional<std::string> if_given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

void OperatorConfig::declare(process::Settings& settings) {
    settings.add_flag("json", json, "print JSON: one object, or one a line for a list");
    settings.add("operator.token", token,
                 "who runs this, as `operator add` showed it once; else ~/.config/tollgate/token");
    database.declare(settings);
}

void OperatorConfig::declare_tenant(process::Settings& settings) {
    settings.add_option("tenant", tenant, "the tenant's slug or id");
}

void OperatorConfig::declare_scope(process::Settings& settings) {
    declare_tenant(settings);
    settings.add_flag("all-tenants", all_tenants, "all that the operator may see");
}

void OperatorConfig::declare_reason(process::Settings& settings) {
    settings.add_option("reason", reason, "why, for the audit log");
}

Result<std::optional<std::string>> OperatorConfig::scope() const {
    if (tenant.empty() != all_tenants) {
        return fail(ErrorCode::invalid, "whose? {}",
                    all_tenants ? "--tenant and --all-tenants exclude each other"
                                : "give --tenant SLUG, or --all-tenants");
    }
    if (all_tenants) return std::nullopt;
    return tenant;
}

Result<Secret> find_token(const OperatorConfig& config) {
    if (!config.token || !config.token->empty()) return config.token;
    const auto path = default_token_path();
    std::error_code ignored;
    if (path.empty() || !std::filesystem::exists(path, ignored)) {
        return fail(ErrorCode::unauthenticated,
                    "who are you? Give your token's file in TOLLGATE_OPERATOR_TOKEN_FILE, or put it into "
                    "~/.config/tollgate/token; an admin makes one with `tollgate operator add`");
    }
    return read_secret_file(path.string());
}

Result<OperatorSession> OperatorSession::open(const OperatorConfig& config) {
    if (const auto text = check_text(config.order); !text) return std::unexpected{text.error()};
    auto token = find_token(config);
    if (!token) return std::unexpected{token.error()};
    auto connection =
        postgres::Connection::open(config.database.connection("tollgate operator", "tollgate_operator"));
    if (!connection) return std::unexpected{connection.error()};
    return OperatorSession{std::move(*connection), std::move(*token), config.order};
}

void OperatorSession::note_refusal(const Error* error) {
    if (!actor_ || !connection_.idle()) return;
    const bool refused = error != nullptr && error->code == ErrorCode::forbidden;
    // He was told that there is nothing of that id.
    const bool may_be_strange = !refused && actor_->tenants && !std::exchange(looked_for_strangers_, true);
    Asked asked{may_be_strange ? order_ : Order{}};
    // What he has found by the beginning of its id is his own.
    if (error == nullptr || error->code != ErrorCode::not_found) asked.beginnings.clear();
    if (!refused && asked.for_nothing()) return;
    const auto noted = postgres::transact(connection_, [&](postgres::Transaction& tx) -> Result<void> {
        if (!refused) {
            const auto strange = asked.of_others(tx, *actor_);
            if (!strange) return std::unexpected{strange.error()};
            if (!*strange) return {};
        }
        tenants::record_refusal(tx, *actor_, {.verb = order_.verb, .arguments = arguments_of(order_)},
                                refused ? error->detail : "it is another tenant's, and was not shown");
        return {};
    });
    if (!noted)
        fmt::print(stderr, "tollgate: that this was refused is not in the audit log: {}\n",
                   noted.error().text());
}

Error OperatorSession::explained(Error error) {
    if (error.code != ErrorCode::misconfigured || !connection_.idle()) return error;
    const auto migrated = postgres::check_migrated(connection_, all_schemas());
    return migrated ? error : migrated.error();
}

}  // namespace tollgate
