// `tollgate customer erase`: a payer under a name that leads to nobody.
#include "tollgate/commands.hpp"
#include "tollgate/erasure.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;

struct EraseConfig : OperatorConfig {
    std::string customer;
    std::string provider;
    std::string within;
    bool execute = false;

    Result<CustomerName> name() const {
        CustomerName name{.tenant = tenant, .provider = if_given(provider), .customer = customer};
        if (within.empty()) return name;
        auto realm = realm_within(within);
        if (!realm) return std::unexpected{realm.error()};
        name.within = std::move(*realm);
        return name;
    }
};

void print(const Erasing& at, bool is_done, bool json) {
    const ErasureCounts& counts = at.counts;
    if (json) {
        print_json(boost::json::object{{"erased", is_done},
                                       {"pseudonym", at.pseudonym.empty() ? boost::json::value(nullptr)
                                                                          : boost::json::value(at.pseudonym)},
                                       {"profiles", counts.profiles},
                                       {"messages", counts.messages},
                                       {"deliveries", counts.deliveries},
                                       {"left_retrying", counts.retrying},
                                       {"left_unreadable", counts.unreadable}});
    } else if (at.pseudonym.empty()) {
        fmt::print(
            "{} profiles would get a pseudonym, {} lose their bytes and be discarded, and {} events "
            "that people are told of lose who they are about\n",
            counts.profiles, messages(counts.messages), counts.deliveries);
        fmt::print("to do it: the same with --execute and --reason\n");
    } else if (is_done) {
        fmt::print(
            "erased: {} profiles are {}'s now, {} lost their bytes, and {} events that people are "
            "told of lost who they are about\n",
            counts.profiles, at.pseudonym, messages(counts.messages), counts.deliveries);
    } else {
        fmt::print(
            "not all: {} lost their bytes and {} events that people are told of lost who they are "
            "about; the profile stays until the rest is done\n",
            messages(counts.messages), counts.deliveries);
    }
    if (counts.retrying > 0) {
        fmt::print(stderr, "{} of this customer are still being retried: erase again when they are done\n",
                   messages(counts.retrying));
    }
    if (counts.unreadable > 0) {
        fmt::print(stderr,
                   "{} of the tenant cannot be read, so nobody can tell whose they are; they are left: see "
                   "`tollgate dead-letter export`, and discard theirs\n",
                   messages(counts.unreadable));
    }
}

// To the end of what is open.
Result<Erasing> go_through(OperatorSession& session, Result<Erasing> at, const std::string& reason) {
    while (at && !at->is_done) {
        at = session.run(
            [&](Transaction& tx, const Actor& actor) { return erase_on(tx, actor, *at, reason); });
    }
    return at;
}

Result<std::int64_t> erase_profile(OperatorSession& session, const Erasing& at, const std::string& reason) {
    for (;;) {
        const auto step = session.run(
            [&](Transaction& tx, const Actor& actor) { return erase_profile_on(tx, actor, at, reason); });
        if (!step) return std::unexpected{step.error()};
        if (step->is_done) return step->profiles;
    }
}

process::Exit erase(const EraseConfig& config) {
    const auto failed = [](const Error& error) { return process::report("tollgate customer erase", error); };
    const auto name = config.name();
    if (!name) return failed(name.error());
    auto session = OperatorSession::open(config);
    if (!session) return failed(session.error());
    auto found = go_through(*session, session->run([&](Transaction& tx, const Actor& actor) {
        return seek_customer(tx, actor, *name);
    }),
                            {});
    if (!found) return failed(found.error());
    if (found->is_nothing()) {
        // What cannot be read is told all the same.
        if (found->counts.unreadable > 0) print(*found, false, config.json);
        return failed(nobody(*name));
    }
    if (!config.execute) {
        print(*found, false, config.json);
        return process::Exit::done;
    }
    auto erased = go_through(*session, session->run([&](Transaction& tx, const Actor& actor) {
        return begin_erasing(tx, actor, *found, config.reason);
    }),
                             config.reason);
    if (!erased) return failed(erased.error());
    // What is retried is found by the profile, and would write it again.
    const bool is_whole = erased->counts.retrying == 0;
    if (is_whole) {
        const auto profiles = erase_profile(*session, *erased, config.reason);
        if (!profiles) return failed(profiles.error());
        erased->counts.profiles = *profiles;
    }
    print(*erased, is_whole, config.json);
    return process::Exit::done;
}

}  // namespace

std::vector<process::Command> customer_erase_commands() {
    return {operator_command<EraseConfig>(
        "customer erase", "Put a pseudonym in a customer's place, for good.",
        "Shows what would be erased; --execute does it, in steps: after an end half-way, say it again. The\n"
        "profile keeps its sums under a name that leads to nobody. Messages that were not done lose their\n"
        "bytes and are discarded; what people are yet to be told says no more whom it is about. While one "
        "of\n"
        "the customer's messages is being retried the profile stays. What had come before and is handled\n"
        "later (late, replayed, or done over by `tollgate redo`) is handled as nobody's too; whoever comes\n"
        "back is a new customer. For that a keyed hash of what the customer was called is kept for as long "
        "as\n"
        "anything is stored of before. Payments and the ledger stay, which know the provider's id alone; "
        "what\n"
        "was received goes with its day (retention.horizon_days), and topics keep their records for their "
        "own\n"
        "time.\n\n"
        "  tollgate customer erase cus_1 --tenant acme --provider stripe\n"
        "  tollgate customer erase cus_1 --tenant acme --provider stripe --execute --reason 'request 71'",
        [](process::Settings& settings, EraseConfig& config) {
            settings.add_positional("customer", config.customer, "the provider's id, as cus_1", true);
            config.declare_tenant(settings);
            settings.require_last();
            settings.add_option("provider", config.provider, "as stripe");
            settings.add_option("within", config.within,
                                "whose number it is, if several have it: as source/hill; `none` is what is "
                                "kept of before that "
                                "was told apart");
            settings.add_flag("execute", config.execute, "do it, instead of showing it");
            config.declare_reason(settings);
        },
        erase)};
}

}  // namespace tollgate
