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

struct OperatorConfig {
    process::DatabaseConfig database;
    Secret token;
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

    // The verb in a transaction of its own, which begins with looking whose the token is.
    template <typename Verb>
    auto run(Verb&& verb) -> std::invoke_result_t<Verb, postgres::Transaction&, const tenants::Actor&> {
        auto outcome = postgres::transact(
            connection_,
            [&](postgres::Transaction& tx)
                -> std::invoke_result_t<Verb, postgres::Transaction&, const tenants::Actor&> {
                const auto actor = tenants::authenticate(tx, token_);
                if (!actor) return std::unexpected{actor.error()};
                return std::forward<Verb>(verb)(tx, *actor);
            });
        if (!outcome) outcome = std::unexpected{explained(std::move(outcome.error()))};
        return outcome;
    }

private:
    OperatorSession(postgres::Connection connection, Secret token)
        : connection_{std::move(connection)}, token_{std::move(token)} {}

    // A database that was not migrated has a better explanation than a table that is not there.
    Error explained(Error error);

    postgres::Connection connection_;
    Secret token_;
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
                return [=] { return action(*config); };
            }};
}

}  // namespace tollgate
