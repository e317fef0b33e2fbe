// What the commands of operators share: whose token it is, one transaction for the verb, how results are
// printed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "postgres/transaction.hpp"
#include "process/command_line.hpp"
#include "process/database_check.hpp"
#include "tenants/actor.hpp"

namespace tollgate {

// The text of a flag that may be left out.
std::optional<std::string> if_given(const std::string& text);

// What somebody has typed, for the audit log.
struct Order {
    std::string verb;  // "dead-letter list"
    std::vector<process::Settings::Given> arguments;
};

struct OperatorConfig {
    Order order;
    process::DatabaseConfig database;
    Result<Secret> token;  // the first `operator add` needs none: its file may not be made yet
    std::string tenant;
    bool all_tenants = false;
    std::string reason;
    bool json = false;

    // What every command has; the others are for those that need them.
    void declare(process::Settings& settings);
    void declare_tenant(process::Settings& settings);
    void declare_scope(process::Settings& settings);  // --tenant or --all-tenants
    void declare_reason(process::Settings& settings);

    // The tenant, or none for all of them; an error if neither was said.
    Result<std::optional<std::string>> scope() const;
};

// The token that was given, else that in ~/.config/tollgate/token. `unauthenticated` if there is none.
Result<Secret> find_token(const OperatorConfig& config);

class OperatorSession {
public:
    static Result<OperatorSession> open(const OperatorConfig& config);

    // The verb in a transaction of its own, which begins with looking whose the token is. Who is refused it,
    // or asks for what is another tenant's, has a row in the audit log that says so.
    template <typename Verb>
    auto run(Verb&& verb) -> std::invoke_result_t<Verb, postgres::Transaction&, const tenants::Actor&> {
        auto outcome = postgres::transact(
            connection_,
            [&](postgres::Transaction& tx)
                -> std::invoke_result_t<Verb, postgres::Transaction&, const tenants::Actor&> {
                auto actor = tenants::authenticate(tx, token_);
                if (!actor) return std::unexpected{actor.error()};
                actor_ = std::move(*actor);
                return std::forward<Verb>(verb)(tx, *actor_);
            });
        note_refusal(outcome ? nullptr : &outcome.error());
        if (!outcome) outcome = std::unexpected{explained(std::move(outcome.error()))};
        return outcome;
    }

private:
    OperatorSession(postgres::Connection connection, Secret token, Order order)
        : connection_{std::move(connection)}, token_{std::move(token)}, order_{std::move(order)} {}

    // In a transaction of its own: that of the verb came to nothing.
    void note_refusal(const Error* error);

    // A database that was not migrated has a better explanation than a table that is not there.
    Error explained(Error error);

    postgres::Connection connection_;
    Secret token_;
    Order order_;
    std::optional<tenants::Actor> actor_;
    bool looked_for_strangers_ = false;
};

// Opens a session, runs the verb, prints what it returned.
template <typename Verb, typename Print>
process::Exit perform(const std::string& command, const OperatorConfig& config, Verb&& verb, Print&& print) {
    auto session = OperatorSession::open(config);
    if (!session) return process::report("tollgate " + command, session.error());
    auto outcome = session->run(std::forward<Verb>(verb));
    if (!outcome) return process::report("tollgate " + command, outcome.error());
    return std::forward<Print>(print)(*outcome);
}

// A row of the table of commands, for a command whose configuration is an OperatorConfig with more to it.
template <typename Config>
process::Command operator_command(std::string_view words, std::string_view summary, std::string_view details,
                                  void (*declare)(process::Settings&, Config&),
                                  process::Exit (*action)(const Config&)) {
    return {.words = words,
            .summary = summary,
            .details = details,
            .prepare = [=](process::Settings& settings) -> std::function<process::Exit()> {
                auto config = std::make_shared<Config>();
                declare(settings, *config);
                config->declare(settings);
                // The settings outlive what runs with them.
                return [=, &settings] {
                    config->order = {.verb = std::string{words}, .arguments = settings.own_arguments()};
                    return action(*config);
                };
            }};
}

}  // namespace tollgate
