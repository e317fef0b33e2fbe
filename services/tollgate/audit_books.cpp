// `tollgate audit`: whether all that was accepted is stored, published and settled.
#include <chrono>

#include "consumer/letters.hpp"
#include "tollgate/audit_accept.hpp"
#include "tollgate/audit_output.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/delivery_balance.hpp"
#include "tollgate/letter_balance.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"
#include "tollgate/progress.hpp"
#include "tollgate/time_span.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using std::chrono::hours;
using tenants::Actor;

constexpr std::string_view command = "tollgate audit";

struct AuditBooksConfig : OperatorConfig {
    std::string since;
    std::string until;
    std::chrono::milliseconds patience = std::chrono::minutes{5};
};

struct Range {
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
    std::optional<std::string> tenant;
};

Result<Range> range_of(const AuditBooksConfig& config) {
    const auto time = read_span(config.since, config.until);
    if (!time) return std::unexpected{time.error()};
    Range range{.since = time->since, .until = time->until, .tenant = std::nullopt};
    if (!config.tenant.empty() && config.all_tenants)
        return fail(ErrorCode::invalid, "whose? --tenant and --all-tenants exclude each other");
    if (!config.tenant.empty()) range.tenant = config.tenant;
    return range;
}

Result<void> admit(Transaction& tx, const Actor& actor, const Range& range) {
    return consumer::admit_to_letters(tx, actor, tenants::Role::viewer, {.tenant = range.tenant});
}

// Whole hours, of which there are events.
Result<Audit> begin(Transaction& tx, const Actor& actor, const Range& range,
                    std::chrono::milliseconds patience) {
    if (const auto admitted = admit(tx, actor, range); !admitted) return std::unexpected{admitted.error()};
    Audit audit;
    audit.frame.books = ingress::frame_books(tx);
    const Timestamp now = audit.frame.books.now;
    audit.frame.counted_since = ingress::answers_counted_since(tx);
    audit.frame.settled = now - patience;
    audit.since = std::chrono::floor<hours>(
        std::max(range.since.value_or(now - hours{24}), audit.frame.books.reach.value_or(now)));
    if (audit.frame.books.kept_since) audit.since = std::max(audit.since, *audit.frame.books.kept_since);
    audit.until = std::chrono::ceil<hours>(std::min(range.until.value_or(now), now));
    for (const auto& process : ingress::list_answering(tx, audit.since, audit.until)) {
        const bool gap_is_here = process.counted_until < audit.until && process.gap_until() > audit.since;
        if (gap_is_here && process.fell_silent(now)) audit.frame.silent.push_back(process);
    }
    audit.imbalances = gaps(audit.frame);
    return audit;
}

std::optional<std::string> slug_of(Transaction& tx, const Uuid& tenant) {
    const auto rows = tx.execute("select slug from tenants.tenant where tenant = $1", tenant);
    if (rows.empty()) return std::nullopt;
    return rows.only().get<std::string>(0);
}

// The answers first: what was answered until then is stored. Nothing of an hour whose day is dropped
// meanwhile.
std::vector<HourBooks> read_hour(Transaction& tx, const BalanceFrame& frame, Timestamp hour) {
    std::map<Uuid, HourBooks> by_tenant;
    for (const auto& answers : ingress::sum_answers(tx, hour)) by_tenant[answers.tenant].answers = answers;
    for (const auto& [tenant, doubts] : ingress::count_doubts(tx, hour)) by_tenant[tenant].doubts = doubts;
    for (const auto& [from, until] : frame.gaps_in(hour)) {
        for (const auto& [tenant, number] : ingress::count_stored(tx, from, until))
            by_tenant[tenant].in_gaps += number;
    }
    for (const auto& [tenant, number] : ingress::count_conflicts(tx, hour))
        by_tenant[tenant].conflicts = number;
    auto books = ingress::read_books(tx, frame.books, hour, frame.settled, frame.counted_since);
    for (auto& [tenant, of_tenant] : books) by_tenant[tenant].books = std::move(of_tenant);
    if (const auto kept_since = ingress::books_kept_since(tx); kept_since && hour < *kept_since) return {};
    std::vector<HourBooks> all;
    for (auto& [tenant, of_tenant] : by_tenant) {
        of_tenant.hour = hour;
        of_tenant.tenant = tenant;
        of_tenant.tenant_slug = slug_of(tx, tenant);
        all.push_back(std::move(of_tenant));
    }
    return all;
}

// An hour at a time, so that no statement takes long; and none in which nothing came.
Result<void> read_all(OperatorSession& session, const Range& range, Audit& audit) {
    Progress progress;
    std::optional<Timestamp> hour = audit.since;
    while (hour && *hour < audit.until) {
        std::optional<Timestamp> next;
        const auto books =
            session.run([&](Transaction& tx, const Actor& actor) -> Result<std::vector<HourBooks>> {
                if (const auto admitted = admit(tx, actor, range); !admitted)
                    return std::unexpected{admitted.error()};
                next = ingress::next_hour_of_books(tx, *hour + hours{1});
                return read_hour(tx, audit.frame, *hour);
            });
        if (!books) return std::unexpected{books.error()};
        for (const HourBooks& each : *books) {
            for (Imbalance& found : balance(each, audit.frame)) audit.imbalances.push_back(std::move(found));
            audit.hours.push_back(each);
        }
        hour = next;
        progress.tell("looked at {} of {} hours",
                      (std::min(hour.value_or(audit.until), audit.until) - audit.since) / hours{1},
                      (audit.until - audit.since) / hours{1});
    }
    return {};
}

// What is open now and in no hour that was looked at: of other times, of days that are dropped, and of what
// was never stored. Who names a time means that time alone.
Result<void> add_open(OperatorSession& session, const Range& range, Audit& audit) {
    const auto add = [&](const Result<std::vector<Imbalance>>& found) -> Result<void> {
        if (!found) return std::unexpected{found.error()};
        audit.imbalances.insert(audit.imbalances.end(), found->begin(), found->end());
        return {};
    };
    std::vector<Timestamp> hours;
    hours.reserve(audit.hours.size());
    for (const HourBooks& each : audit.hours) hours.push_back(each.hour);
    std::vector<std::string> consumers{"relay"};
    for (const auto& [name, input] : audit.frame.books.consumers) consumers.push_back(name);
    auto letters = add(session.run([&](Transaction& tx, const Actor& actor) {
        return unbooked(tx, actor,
                        {.tenant = range.tenant,
                         .hours = hours,
                         .consumers = consumers,
                         .since = range.since,
                         .until = range.until,
                         .settled = audit.frame.settled});
    }));
    if (!letters) return letters;
    return add(session.run([&](Transaction& tx, const Actor& actor) {
        return undelivered(tx, actor,
                           {.tenant = range.tenant,
                            .since = range.since,
                            .until = range.until,
                            .settled = audit.frame.settled});
    }));
}

// With what operators have not accepted.
Result<Audit> look(OperatorSession& session, const Range& range, std::chrono::milliseconds patience) {
    auto audit =
        session.run([&](Transaction& tx, const Actor& actor) { return begin(tx, actor, range, patience); });
    if (!audit) return audit;
    if (const auto read = read_all(session, range, *audit); !read) return std::unexpected{read.error()};
    if (const auto added = add_open(session, range, *audit); !added) return std::unexpected{added.error()};
    const auto accepted = session.run([&](Transaction& tx, const Actor& actor) -> Result<std::size_t> {
        if (const auto admitted = admit(tx, actor, range); !admitted)
            return std::unexpected{admitted.error()};
        return leave_out_accepted(tx, audit->imbalances);
    });
    if (!accepted) return std::unexpected{accepted.error()};
    audit->accepted = *accepted;
    return audit;
}

process::Exit accept(const AuditBooksConfig& config) {
    constexpr std::string_view name = "tollgate audit accept";
    const auto failed = [&](const Error& error) { return process::report(name, error); };
    if (const auto whose = config.scope(); !whose) return failed(whose.error());
    const auto range = range_of(config);
    if (!range) return failed(range.error());
    auto session = OperatorSession::open(config);
    if (!session) return failed(session.error());
    const auto audit = look(*session, *range, config.patience);
    if (!audit) return failed(audit.error());
    const auto accepted = session->run([&](Transaction& tx, const Actor& actor) {
        return accept_imbalances(tx, actor, audit->imbalances, config.reason);
    });
    if (!accepted) return failed(accepted.error());
    if (*accepted == 0)
        return failed({ErrorCode::not_found,
                       "there is nothing to accept: what else `tollgate audit` lists goes when "
                       "it is dealt with"});
    if (config.json) {
        print_json(boost::json::object{{"accepted", *accepted}});
    } else {
        fmt::print("{} exception{} accepted\n", *accepted, *accepted == 1 ? "" : "s");
    }
    return process::Exit::done;
}

process::Exit audit_books(const AuditBooksConfig& config) {
    const auto range = range_of(config);
    if (!range) return process::report(command, range.error());
    auto session = OperatorSession::open(config);
    if (!session) return process::report(command, session.error());
    const auto audit = look(*session, *range, config.patience);
    if (!audit) return process::report(command, audit.error());
    if (audit->hours.empty() && audit->imbalances.empty()) {
        return process::report(
            command, {ErrorCode::not_found, fmt::format("nothing was accepted or stored from {} to {}",
                                                        to_rfc3339(audit->since), to_rfc3339(audit->until))});
    }
    if (config.json) {
        print_as_json(*audit);
    } else {
        print_for_people(*audit);
    }
    return audit->imbalances.empty() ? process::Exit::done : process::Exit::failed;
}

void declare_range(process::Settings& settings, AuditBooksConfig& config) {
    config.declare_scope(settings);
    settings.add_option(
        "since", config.since,
        "the hour to begin with, as 2026-11-01T00:00:00Z, 2026-11-01 or 2h: 24h, which is ago");
    settings.add_option("until", config.until, "the end: now");
    settings.add("audit.patience", config.patience, "what came later may still be under way");
}

}  // namespace

std::vector<process::Command> audit_books_commands() {
    return {
        operator_command<AuditBooksConfig>(
            "audit", "Show whether all that was accepted is stored, published and settled.",
            "By tenant and hour, from counts that are independent of each other: ACCEPTED, the processes' "
            "own\n"
            "counts of new events answered with 200; STORED, what the archive has, and WITHHELD of it from\n"
            "consumers; PUBLISHED, what the relay has put on the bus; and of each consumer what it has "
            "settled.\n"
            "What is dead, held or tried again and again of earlier events, and messages that are not\n"
            "delivered, are listed too, of whatever age; with --since or --until those of that time alone,\n"
            "also of days that were dropped.\n"
            "Each exception is listed with the command that deals with it. Exits with 0 when there is none,\n"
            "with 1 when there are some, with 3 when nothing came in that time.\n\n"
            "  tollgate audit --since 2026-11-01T00:00:00Z\n"
            "  tollgate audit --tenant acme --json",
            declare_range, audit_books),
        operator_command<AuditBooksConfig>(
            "audit accept", "Say that what no command can mend any more was looked into.",
            "That is what was lost, is not counted, or is more than there should be, as after a process was\n"
            "killed. From then on `tollgate audit` is in order without it, unless it grows. Each has its row "
            "in\n"
            "the audit log.\n\n"
            "  tollgate audit accept --all-tenants --since 2026-11-01T08:00:00Z --until 2026-11-01T09:00:00Z "
            "\\\n"
            "      --reason 'a node was lost; the provider sent all of it again'",
            [](process::Settings& settings, AuditBooksConfig& config) {
                declare_range(settings, config);
                config.declare_reason(settings);
            },
            accept)};
}

}  // namespace tollgate
