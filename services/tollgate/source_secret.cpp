// `tollgate source secret`: what a source's requests are verified with; and `tollgate secret reseal`.
#include <boost/json/object.hpp>

#include "enrichment/directories.hpp"
#include "process/seal_config.hpp"
#include "tenants/secrets.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/provider_catalogue.hpp"
#include "tollgate/secret_input.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::ResealStep;
using tenants::SecretState;

struct SecretConfig : OperatorConfig {
    process::SealConfig seal;
    std::string source;
    std::string id;
    std::string at;
    SecretFlags secret;
    std::int64_t batch = 100;
};

boost::json::object to_json(const SecretState& secret) {
    return {{"id", secret.id.text()},
            {"tenant_slug", secret.tenant_slug},
            {"source", secret.source_slug},
            {"phase", secret.phase},
            {"valid_from", json_or_null(secret.valid_from)},
            {"valid_until", json_or_null(secret.valid_until)},
            {"retired_at", json_or_null(secret.retired_at)},
            {"last_used_at", json_or_null(secret.last_used_at)},
            {"key_id", secret.key_id},
            {"created_at", to_rfc3339(secret.created_at)}};
}

process::Exit add(const SecretConfig& config) {
    const auto wanted = config.secret.read();
    if (!wanted) return process::report("tollgate source secret add", wanted.error());
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate source secret add", keys.error());
    return perform(
        "source secret add", config,
        [&](Transaction& tx, const Actor& actor) {
            return add_secret(tx, actor, {provider_catalogue(), *keys}, config.tenant, config.source, *wanted,
                              config.reason);
        },
        [&](const tenants::AddedSecret& added) {
            if (config.json) {
                boost::json::object object{{"id", added.id.text()}};
                if (added.made) object["value"] = added.made->reveal();
                print_json(object);
                return process::Exit::done;
            }
            fmt::print("added {}\n", added.id);
            if (added.made)
                fmt::print("\nShown this once; give it to the provider:\n{}\n", added.made->reveal());
            return process::Exit::done;
        });
}

process::Exit retire(const SecretConfig& config) {
    const auto id = Uuid::parse(config.id);
    if (!id) return process::report("tollgate source secret retire", id.error());
    const auto at = read_time("--at", config.at);
    if (!at) return process::report("tollgate source secret retire", at.error());
    return perform(
        "source secret retire", config,
        [&](Transaction& tx, const Actor& actor) {
            return retire_secret(tx, actor, config.tenant, config.source, *id, *at, config.reason);
        },
        [&](const tenants::RetiredSecret& retired) {
            if (config.json) {
                boost::json::object object = to_json(retired.secret);
                object["still_valid"] = retired.still_valid;
                print_json(object);
                return process::Exit::done;
            }
            const auto& [secret, still_valid] = retired;
            fmt::print("{} {}; {} other valid one(s) remain\n", secret.id,
                       secret.retired_at ? "is retired"
                                         : fmt::format("ends at {}", text_or_dash(secret.valid_until)),
                       still_valid);
            return process::Exit::done;
        });
}

process::Exit list(const SecretConfig& config) {
    const auto scope = config.scope();
    if (!scope) return process::report("tollgate source secret list", scope.error());
    tenants::SecretFilter filter{.tenant = *scope};
    if (!config.source.empty()) filter.source = config.source;
    if (filter.source && !filter.tenant) {
        return process::report("tollgate source secret list",
                               {ErrorCode::invalid, "a source is one tenant's: give --tenant SLUG with it"});
    }
    return perform(
        "source secret list", config,
        [&](Transaction& tx, const Actor& actor) { return list_secrets(tx, actor, filter); },
        [&](const std::vector<SecretState>& all) {
            if (all.empty()) {
                return process::report("tollgate source secret list",
                                       {ErrorCode::not_found, "there is no secret"});
            }
            std::vector<std::vector<std::string>> rows{
                {"ID", "TENANT", "SOURCE", "PHASE", "FROM", "UNTIL", "LAST USED", "KEY"}};
            for (const SecretState& secret : all) {
                if (config.json) print_json(to_json(secret));
                rows.push_back({secret.id.text(), secret.tenant_slug, secret.source_slug, secret.phase,
                                text_or_dash(secret.valid_from), text_or_dash(secret.valid_until),
                                text_or_dash(secret.last_used_at), secret.key_id});
            }
            if (!config.json) print_table(rows);
            return process::Exit::done;
        });
}

// A step after the other, each in a transaction of its own, so that nobody waits long and no work is lost.
Result<ResealStep> reseal_all(OperatorSession& session, const SecretConfig& config,
                              const crypto::Keyring& keys) {
    ResealStep whole;
    for (;;) {
        const auto step = session.run([&](Transaction& tx, const Actor& actor) {
            return reseal_secrets(tx, actor, keys, whole.last, config.batch, config.reason);
        });
        if (!step) {
            return std::unexpected{step.error().within(
                fmt::format("after {} were sealed anew (run it again, and it goes on)", whole.resealed))};
        }
        if (!step->last) return whole;
        whole.resealed += step->resealed;
        whole.not_opened.insert(whole.not_opened.end(), step->not_opened.begin(), step->not_opened.end());
        whole.last = step->last;
    }
}

process::Exit reseal(const SecretConfig& config) {
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate secret reseal", keys.error());
    auto session = OperatorSession::open(config);
    if (!session) return process::report("tollgate secret reseal", session.error());
    const auto whole = reseal_all(*session, config, *keys);
    if (!whole) return process::report("tollgate secret reseal", whole.error());
    const auto tokens = session->run([&](Transaction& tx, const Actor& actor) {
        return enrichment::reseal_tokens(tx, actor, *keys, config.reason);
    });
    if (!tokens) return process::report("tollgate secret reseal", tokens.error());
    const auto resealed = whole->resealed + tokens->resealed;
    const auto not_opened = std::ssize(whole->not_opened) + tokens->not_opened;
    if (config.json) {
        print_json(boost::json::object{
            {"key_id", keys->sealing_key_id()}, {"resealed", resealed}, {"not_opened", not_opened}});
    } else {
        fmt::print("{} sealed anew under the key {}\n", resealed, keys->sealing_key_id());
    }
    if (not_opened == 0) return process::Exit::done;
    return process::report(
        "tollgate secret reseal",
        {ErrorCode::misconfigured,
         fmt::format(
             "{} could not be opened and are as they were: put the keys that sealed them back "
             "(`tollgate source secret list --all-tenants` shows which, `tollgate doctor` counts them)",
             not_opened)});
}

void declare_one(process::Settings& settings, SecretConfig& config) {
    settings.add_positional("source", config.source, "its slug or id", true);
    config.declare_tenant(settings);
    settings.require_last();
    config.declare_reason(settings);
}

}  // namespace

std::vector<process::Command> source_secret_commands() {
    return {
        operator_command<SecretConfig>(
            "source secret add", "Give a source one more secret.",
            "Several are valid at a time: add the new one, tell the provider, then retire the old one.\n\n"
            "  tollgate source secret add stripe --tenant acme --secret-file new.txt\n"
            "  tollgate source secret add generic --tenant acme --generate --valid-from 2026-12-01T00:00:00Z",
            [](process::Settings& settings, SecretConfig& config) {
                declare_one(settings, config);
                config.secret.declare(settings);
                config.seal.declare(settings);
            },
            add),
        operator_command<SecretConfig>(
            "source secret retire", "Let a secret vouch for nothing any more, now or from a time on.",
            "  tollgate source secret retire stripe 019ac1d2-... --tenant acme --at 2026-12-08T00:00:00Z",
            [](process::Settings& settings, SecretConfig& config) {
                declare_one(settings, config);
                settings.add_positional("secret", config.id, "as `source secret list` shows it", true);
                settings.add_option("at", config.at, "when, as 2026-12-08T00:00:00Z; else now");
            },
            retire),
        operator_command<SecretConfig>(
            "source secret list", "Show when secrets are valid and were last used, never what they are.",
            "  tollgate source secret list stripe --tenant acme",
            [](process::Settings& settings, SecretConfig& config) {
                settings.add_positional("source", config.source, "its slug or id; else all", false);
                config.declare_scope(settings);
            },
            list),
        operator_command<SecretConfig>(
            "secret reseal", "Seal every secret anew under the first of the sealing keys.",
            "After a new key was put at the top of the file and every process has it. In steps; "
            "interrupted,\n"
            "it goes on when it is run again. When nothing is left under the old key, its line may go.\n\n"
            "  tollgate secret reseal --reason 'a new key'",
            [](process::Settings& settings, SecretConfig& config) {
                config.declare_reason(settings);
                config.seal.declare(settings);
            },
            reseal),
    };
}

}  // namespace tollgate
