#include "tollgate/balance.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace tollgate {

namespace {

using ingress::AnsweringProcess;
using ingress::ConsumerBooks;
using namespace std::chrono_literals;

std::string many(std::int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

class Balancing {
public:
    Balancing(const HourBooks& hour, const BalanceFrame& frame) : hour_{hour}, frame_{frame} {}

    std::vector<Imbalance> run() {
        if (frame_.answers_known(hour_.hour)) check_answers();
        check_conflicts();
        for (const std::string topic : {"raw", "payment"}) {
            check_consumed(topic);
            check_bus(topic);
        }
        for (const auto& [name, books] : hour_.books.consumers) check_consumer(name, books);
        return std::move(found_);
    }

private:
    void add(std::string kind, std::int64_t number, std::string what, std::string command,
             std::string consumer = {}) {
        if (number <= 0) return;
        found_.push_back({.kind = std::move(kind),
                          .hour = hour_.hour,
                          .tenant = hour_.tenant,
                          .tenant_name = hour_.tenant_name(),
                          .consumer = std::move(consumer),
                          .number = number,
                          .what = std::move(what),
                          .command = std::move(command)});
    }

    // What somebody else put on the bus is of no tenant, or of one that nobody has heard of.
    std::string whose() const {
        return hour_.tenant_slug ? "--tenant " + *hour_.tenant_slug : std::string{"--all-tenants"};
    }

    std::string events_of_hour() const {
        return fmt::format("tollgate event list {} --since {} --until {}", whose(), to_rfc3339(hour_.hour),
                           to_rfc3339(hour_.hour + 1h));
    }

    std::string letters(std::string_view consumer, std::string_view state) const {
        return fmt::format("tollgate dead-letter list {} --consumer {} --state {}", whose(), consumer, state);
    }

    // What is stored of doubts and of gaps must not stand in for what was lost, as far as that can be told.
    void check_answers() {
        const std::int64_t answered = hour_.answers.accepted + hour_.answers.held;
        const std::int64_t lost = answered - (hour_.books.stored.all - hour_.doubts.stored);
        add("lost", lost,
            fmt::format(
                "{} answered with 200 and not stored: see which are, and compare with what the sender "
                "knows. Was the database restored from a backup? Then `tollgate migrate --restored`",
                many(lost, "event")),
            events_of_hour());
        // What an older version has counted of doubts has no ids: all of it may be stored.
        const std::int64_t doubted =
            hour_.doubts.stored + std::max<std::int64_t>(0, hour_.answers.in_doubt - hour_.doubts.known);
        const std::int64_t uncounted =
            hour_.books.countable.value_or(hour_.books.stored).old - answered - doubted;
        const std::int64_t of_gaps = std::min(uncounted, hour_.in_gaps);
        const std::int64_t hidden = hour_.in_gaps - of_gaps;
        add("gap", of_gaps,
            fmt::format("{} stored and not counted by a process that was killed{}", many(of_gaps, "event"),
                        hidden > 0
                            ? fmt::format(": {} came about then, so as many as {} may be lost and not show",
                                          hour_.in_gaps, hidden)
                            : ""),
            events_of_hour());
        add("uncounted", uncounted - std::max<std::int64_t>(0, of_gaps),
            fmt::format("{} stored that no process has answered for", many(uncounted - of_gaps, "event")),
            events_of_hour());
    }

    void check_conflicts() {
        add("conflict", hour_.conflicts,
            fmt::format("{} held: an id that came before, with other content",
                        many(hour_.conflicts, "event")),
            "tollgate held list " + whose());
    }

    // What nobody was registered for when it came is nobody's to settle.
    void check_consumed(const std::string& topic) {
        std::int64_t due = 0;
        for (const auto& [name, input] : frame_.books.consumers) {
            const auto books = hour_.books.consumers.find(name);
            if (input == topic && books != hour_.books.consumers.end())
                due = std::max(due, books->second.due.all);
        }
        const std::int64_t unconsumed = hour_.books.due_on(topic).all - due;
        add("unconsumed", unconsumed,
            fmt::format("{} on {} that no consumer was registered for: nobody settles them",
                        many(unconsumed, "event"), topic),
            "tollgate consumer list");
    }

    void check_bus(const std::string& topic) {
        const auto set_aside = hour_.books.refused.find(topic);
        const std::int64_t refused = set_aside == hour_.books.refused.end() ? 0 : set_aside->second;
        add("refused", refused, fmt::format("{} refused by Kafka for good", many(refused, "record")),
            letters("relay", "dead"), "relay");
        if (!frame_.published_known(hour_.hour)) return;
        const auto found = hour_.books.published.find(topic);
        const std::int64_t published = found == hour_.books.published.end() ? 0 : found->second.all;
        const ingress::Number due = hour_.books.due_on(topic);
        const auto never = hour_.books.unpublishable.find(topic);
        const std::int64_t unpublishable = never == hour_.books.unpublishable.end() ? 0 : never->second.old;
        const std::int64_t missing = due.old - published - unpublishable;
        add("unpublished", missing, fmt::format("{} not published on {}", many(missing, "event"), topic),
            "tollgate reader list", "relay");
        const std::int64_t more = published - due.all;
        add("surplus", more,
            fmt::format("{} more published on {} than there are events", many(more, "record"), topic),
            events_of_hour(), "relay");
    }

    void check_consumer(const std::string& name, const ConsumerBooks& books) {
        const std::int64_t waiting = books.due.old - books.taken.old - books.refused.old;
        add("waiting", waiting, fmt::format("{} not taken up by {}", many(waiting, "event"), name),
            frame_.books.bus == "journal" ? "tollgate reader list" : "tollgate consumer list", name);
        add("retrying", books.retrying.old,
            fmt::format("{} tried again and again by {}", many(books.retrying.old, "message"), name),
            letters(name, "retrying"), name);
        add("held", books.held.all, fmt::format("{} held by {}", many(books.held.all, "message"), name),
            letters(name, "held"), name);
        add("dead", books.dead.all, fmt::format("{} given up by {}", many(books.dead.all, "message"), name),
            fmt::format("tollgate dead-letter groups {} --consumer {}", whose(), name), name);
        // What somebody else put on the bus has no tenant.
        const std::int64_t more = hour_.tenant == Uuid{} ? 0 : books.taken.all - books.due.all;
        add("surplus", more,
            fmt::format("{} more taken up by {} than there are events", many(more, "message"), name),
            events_of_hour(), name);
    }

    const HourBooks& hour_;
    const BalanceFrame& frame_;
    std::vector<Imbalance> found_;
};

}  // namespace

bool BalanceFrame::answers_known(Timestamp hour) const {
    return counted_since && hour + 1h > *counted_since;
}

std::vector<std::pair<Timestamp, Timestamp>> BalanceFrame::gaps_in(Timestamp hour) const {
    std::vector<std::pair<Timestamp, Timestamp>> gaps;
    for (const AnsweringProcess& process : silent) {
        const Timestamp from = std::max(process.counted_until, hour);
        const Timestamp until = std::min(process.gap_until(), hour + 1h);
        if (from < until) gaps.emplace_back(from, until);
    }
    std::ranges::sort(gaps);
    std::vector<std::pair<Timestamp, Timestamp>> apart;
    for (const auto& gap : gaps) {
        if (!apart.empty() && gap.first <= apart.back().second) {
            apart.back().second = std::max(apart.back().second, gap.second);
        } else {
            apart.push_back(gap);
        }
    }
    return apart;
}

bool BalanceFrame::published_known(Timestamp hour) const {
    return books.published_since && hour >= *books.published_since;
}

std::vector<Imbalance> balance(const HourBooks& hour, const BalanceFrame& frame) {
    return Balancing{hour, frame}.run();
}

std::vector<Imbalance> gaps(const BalanceFrame& frame) {
    std::vector<Imbalance> found;
    found.reserve(frame.silent.size());
    for (const AnsweringProcess& process : frame.silent) {
        found.push_back(
            {.kind = "gap",
             .hour = std::nullopt,
             .tenant = std::nullopt,
             .tenant_name = {},
             .consumer = {},
             .number = 1,
             .what = fmt::format(
                 "process {} was killed or cut off: what it answered after {} is not counted, and "
                 "as many losses would not show",
                 process.process, to_rfc3339(process.counted_until)),
             .command = fmt::format("tollgate event list --all-tenants --since {} --until {}",
                                    to_rfc3339(process.counted_until), to_rfc3339(process.gap_until()))});
    }
    return found;
}

}  // namespace tollgate
