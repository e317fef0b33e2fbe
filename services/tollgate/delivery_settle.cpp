// `tollgate delivery retry|discard|settle|resume`: what is done about messages that were not sent.
#include "delivery/verbs.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using delivery::DeliveryDetails;
using postgres::Transaction;
using tenants::Actor;

struct SettleConfig : OperatorConfig {
    std::string delivery;
    bool arrived = false;
    bool again = false;
};

struct ResumeConfig : OperatorConfig {
    std::string destination;
};

template <typename Verb>
process::Exit with_delivery(const std::string& command, const SettleConfig& config, const Verb& verb) {
    const auto id = Uuid::parse(config.delivery);
    if (!id) return process::report("tollgate " + command, id.error());
    return perform(
        command, config, [&](Transaction& tx, const Actor& actor) { return verb(tx, actor, *id); },
        [&](const DeliveryDetails& details) {
            const auto& row = details.delivery;
            if (config.json) {
                print_json(boost::json::object{{"delivery", row.id.text()}, {"state", row.state}});
            } else {
                fmt::print("delivery {} is {}\n", row.id, row.state);
            }
            return process::Exit::done;
        });
}

process::Exit retry(const SettleConfig& config) {
    return with_delivery("delivery retry", config, [&](Transaction& tx, const Actor& actor, const Uuid& id) {
        return delivery::retry_delivery(tx, actor, id, config.reason);
    });
}

process::Exit discard(const SettleConfig& config) {
    return with_delivery("delivery discard", config,
                         [&](Transaction& tx, const Actor& actor, const Uuid& id) {
                             return delivery::discard_delivery(tx, actor, id, config.reason);
                         });
}

process::Exit settle(const SettleConfig& config) {
    if (config.arrived == config.again) {
        return process::report(
            "tollgate delivery settle",
            {ErrorCode::invalid,
             "what have you found? Give --arrived if it stands in the channel, or --again"});
    }
    return with_delivery("delivery settle", config, [&](Transaction& tx, const Actor& actor, const Uuid& id) {
        return delivery::settle_delivery(
            tx, actor, id, config.arrived ? delivery::Finding::it_arrived : delivery::Finding::send_again,
            config.reason);
    });
}

process::Exit resume(const ResumeConfig& config) {
    struct Nothing {};
    return perform(
        "delivery resume", config,
        [&](Transaction& tx, const Actor& actor) -> Result<Nothing> {
            const auto done =
                delivery::resume_destination(tx, actor, config.tenant, config.destination, config.reason);
            if (!done) return std::unexpected{done.error()};
            return Nothing{};
        },
        [&](const Nothing&) {
            if (config.json) {
                print_json(boost::json::object{{"destination", config.destination}, {"resumed", true}});
            } else {
                fmt::print("what waits for {} goes on\n", config.destination);
            }
            return process::Exit::done;
        });
}

void declare_delivery(process::Settings& settings, SettleConfig& config) {
    config.declare_reason(settings);
    settings.add_positional("delivery", config.delivery, "its id: `tollgate delivery list` has it", true);
}

}  // namespace

std::vector<process::Command> delivery_settle_commands() {
    return {
        operator_command<SettleConfig>("delivery retry", "Send one that is dead or was discarded, after all.",
                                       "  tollgate delivery retry 0190b0f0-5a1e-7c3d-8a5b-000000000001",
                                       declare_delivery, retry),
        operator_command<SettleConfig>("delivery discard", "Give up one that is not sent, for good.",
                                       "  tollgate delivery discard 0190b0f0-5a1e-7c3d-8a5b-000000000001 "
                                       "--reason 'the customer was called'",
                                       declare_delivery, discard),
        operator_command<SettleConfig>(
            "delivery settle", "Say of one that is unknown whether it arrived.",
            "  tollgate delivery settle 0190b0f0-5a1e-7c3d-8a5b-000000000001 --arrived",
            [](process::Settings& settings, SettleConfig& config) {
                declare_delivery(settings, config);
                settings.add_flag("arrived", config.arrived, "it stands in the channel");
                settings.add_flag("again", config.again, "it does not: send it");
            },
            settle),
        operator_command<ResumeConfig>(
            "delivery resume", "Send to a destination again that was broken, once it was mended in Slack.",
            "  tollgate delivery resume payments --tenant acme --reason 'the bot was invited again'",
            [](process::Settings& settings, ResumeConfig& config) {
                config.declare_tenant(settings);
                config.declare_reason(settings);
                settings.add_positional("destination", config.destination, "its slug or id", true);
            },
            resume),
    };
}

}  // namespace tollgate
