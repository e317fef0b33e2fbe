#include "tollgate/audit_output.hpp"

#include <set>

#include <boost/json/array.hpp>

#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

std::int64_t first_on(const HourBooks& hour, const std::string& topic) {
    const auto found = hour.books.published.find(topic);
    return found == hour.books.published.end() ? 0 : found->second.all;
}

boost::json::value known(bool is_known, std::int64_t number) {
    return is_known ? boost::json::value(number) : boost::json::value(nullptr);
}

boost::json::object to_json(const HourBooks& hour, const BalanceFrame& frame) {
    boost::json::array consumers;
    for (const auto& [name, books] : hour.books.consumers) {
        consumers.push_back({{"consumer", name},
                             {"due", books.due.all},
                             {"taken", books.taken.all},
                             {"settled", books.settled()},
                             {"retrying", books.retrying.all},
                             {"held", books.held.all},
                             {"dead", books.dead.all}});
    }
    const bool answers = frame.answers_known(hour.hour);
    const bool published = frame.published_known(hour.hour);
    return {{"kind", "hour"},
            {"hour", to_rfc3339(hour.hour)},
            {"tenant", hour.tenant.text()},
            {"tenant_slug", text_or_null(hour.tenant_slug)},
            {"accepted", known(answers, hour.answers.accepted + hour.answers.held)},
            {"accepted_conflicts", known(answers, hour.answers.held)},
            {"duplicates", known(answers, hour.answers.duplicates)},
            {"in_doubt", known(answers, hour.answers.in_doubt)},
            {"stored", hour.books.stored.all},
            {"withheld", hour.books.withheld.all},
            {"payments", hour.books.payments.all},
            {"published", known(published, first_on(hour, "raw"))},
            {"payments_published", known(published, first_on(hour, "payment"))},
            {"consumers", std::move(consumers)}};
}

boost::json::object to_json(const Imbalance& found) {
    const auto or_null = [](const std::string& text) {
        return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
    };
    return {{"kind", "exception"},
            {"exception", found.kind},
            {"hour", json_or_null(found.hour)},
            {"tenant", found.tenant ? boost::json::value(found.tenant->text()) : boost::json::value(nullptr)},
            {"tenant_slug", or_null(found.tenant_name)},
            {"consumer", or_null(found.consumer)},
            {"number", found.number},
            {"what", found.what},
            {"command", found.command}};
}

void print_hours(const Audit& audit) {
    std::vector<std::vector<std::string>> rows{
        {"HOUR", "TENANT", "ACCEPTED", "REPEATS", "STORED", "WITHHELD", "PUBLISHED"}};
    for (const auto& [consumer, input] : audit.frame.books.consumers) rows.front().push_back(consumer);
    rows.front().emplace_back("EXCEPTIONS");
    const auto shown = [](bool is_known, std::int64_t number) {
        return is_known ? std::to_string(number) : std::string{"-"};
    };
    for (const HourBooks& hour : audit.hours) {
        const bool answers = audit.frame.answers_known(hour.hour);
        std::vector<std::string> row{to_rfc3339(hour.hour).substr(0, sizeof "2026-11-21T22:00" - 1),
                                     hour.tenant_name(),
                                     shown(answers, hour.answers.accepted + hour.answers.held),
                                     shown(answers, hour.answers.duplicates),
                                     std::to_string(hour.books.stored.all),
                                     std::to_string(hour.books.withheld.all),
                                     shown(audit.frame.published_known(hour.hour), first_on(hour, "raw"))};
        for (const auto& [consumer, input] : audit.frame.books.consumers) {
            const auto books = hour.books.consumers.find(consumer);
            row.push_back(std::to_string(books == hour.books.consumers.end() ? 0 : books->second.settled()));
        }
        std::set<std::string> kinds;
        for (const Imbalance& found : audit.imbalances) {
            if (found.hour == hour.hour && found.tenant == hour.tenant) kinds.insert(found.kind);
        }
        std::string words;
        for (const std::string& kind : kinds) words += (words.empty() ? "" : ", ") + kind;
        row.push_back(words.empty() ? "-" : words);
        rows.push_back(std::move(row));
    }
    print_table(rows);
}

// What a dash in the table stands for.
void print_notes(const Audit& audit) {
    const BalanceFrame& frame = audit.frame;
    if (!frame.counted_since) {
        fmt::print("accepted: no process of ingress has counted its answers yet\n");
    } else if (!frame.answers_known(audit.since)) {
        fmt::print("accepted: answers are counted since {}\n", to_rfc3339(*frame.counted_since));
    }
    if (frame.books.bus == "journal") {
        fmt::print("published: not applicable, consumers read the journal itself\n");
    } else if (!frame.books.published_since) {
        fmt::print("published: the relay has not counted anything yet\n");
    } else if (!frame.published_known(audit.since)) {
        fmt::print("published: counted for the hours that began after {}\n",
                   to_rfc3339(*frame.books.published_since));
    }
    if (audit.accepted > 0) {
        fmt::print(
            "{} more exception{} accepted by operators: tollgate audit log --all-tenants --verb 'audit "
            "accept'\n",
            audit.accepted, audit.accepted == 1 ? " was" : "s were");
    }
    if (frame.books.kept_since && audit.since == *frame.books.kept_since)
        fmt::print("days before {} were dropped\n", to_rfc3339(audit.since));
}

}  // namespace

void print_as_json(const Audit& audit) {
    for (const HourBooks& hour : audit.hours) print_json(to_json(hour, audit.frame));
    for (const Imbalance& found : audit.imbalances) print_json(to_json(found));
    print_json(boost::json::object{{"kind", "summary"},
                                   {"since", to_rfc3339(audit.since)},
                                   {"until", to_rfc3339(audit.until)},
                                   {"looked_at", to_rfc3339(audit.frame.books.now)},
                                   {"counted_since", json_or_null(audit.frame.counted_since)},
                                   {"published_since", json_or_null(audit.frame.books.published_since)},
                                   {"bus", audit.frame.books.bus},
                                   {"exceptions", audit.imbalances.size()},
                                   {"accepted_exceptions", audit.accepted}});
}

void print_for_people(const Audit& audit) {
    print_hours(audit);
    fmt::print("\n");
    print_notes(audit);
    std::int64_t stored = 0;
    for (const HourBooks& hour : audit.hours) stored += hour.books.stored.all;
    if (audit.imbalances.empty()) {
        fmt::print("all is in order: {} events since {}\n", stored, to_rfc3339(audit.since));
        return;
    }
    fmt::print("{} exception{} among {} events since {}:\n", audit.imbalances.size(),
               audit.imbalances.size() == 1 ? "" : "s", stored, to_rfc3339(audit.since));
    for (const Imbalance& found : audit.imbalances) {
        std::string where;
        if (found.hour) where = to_rfc3339(*found.hour) + " ";
        if (found.tenant) where += found.tenant_name;
        if (!where.empty()) where += ": ";
        fmt::print("  {:<11}  {}{}\n               {}\n", found.kind, where, found.what, found.command);
    }
}

}  // namespace tollgate
