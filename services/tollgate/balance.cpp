#include "tollgate/balance.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace tollgate {

namespace {

using ingress::AnsweringProcess;
using ingress::ConsumerBooks;
using namespace std::chrono_literals;

// So long a process that says nothing may have gone on answering.
constexpr std::chrono::minutes silence_counts_for{1};

std::string many(std::int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

class Balancing {
public:
    Balancing(const HourBooks& hour, const BalanceFrame& frame) : hour_{hour}, frame_{frame} {}

    std::vector<Imbalance> run() {
        if (frame_.answers_known(hour_.hour)) check_answers();
        check_conflicts();
        for (const std::string topic : {"raw", "payment"}) check_bus(topic);
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

    std::string events_of_hour() const {
        return fmt::format("tollgate event list --tenant {} --since {} --until {}", hour_.tenant_name(),
                           to_rfc3339(hour_.hour), to_rfc3339(hour_.hour + 1h));
    }

    std::string letters(std::string_view consumer, std::string_view state) const {
        return fmt::format("tollgate dead-letter list --tenant {} --consumer {} --state {}",
                           hour_.tenant_name(), consumer, state);
    }

    bool has_gap() const {
        return std::ranges::any_of(frame_.silent, [&](const AnsweringProcess& process) {
            return process.counted_until < hour_.hour + 1h &&
                   process.counted_until + silence_counts_for >= hour_.hour;
        });
    }

    void check_answers() {
        const std::int64_t answered = hour_.answers.accepted + hour_.answers.held;
        const std::int64_t lost = answered - hour_.books.stored.all;
        add("lost", lost,
            fmt::format("{} answered with 200 and not stored: was the database restored from a backup?",
                        many(lost, "event")),
            "tollgate migrate --restored");
        // In doubt: stored, and the sender was told 503.
        const std::int64_t uncounted =
            hour_.books.countable.value_or(hour_.books.stored).old - answered - hour_.answers.in_doubt;
        if (has_gap()) {
            add("gap", uncounted,
                fmt::format("{} stored and not counted by the process that was killed",
                            many(uncounted, "event")),
                events_of_hour());
        } else {
            add("uncounted", uncounted,
                fmt::format("{} stored that no process has answered for", many(uncounted, "event")),
                events_of_hour());
        }
    }

    void check_conflicts() {
        add("conflict", hour_.conflicts,
            fmt::format("{} held: an id that came before, with other content",
                        many(hour_.conflicts, "event")),
            "tollgate held list --tenant " + hour_.tenant_name());
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
            fmt::format("tollgate dead-letter groups --tenant {} --consumer {}", hour_.tenant_name(), name),
            name);
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
             .what = fmt::format("process {} was killed or cut off: what it answered after {} is not counted",
                                 process.process, to_rfc3339(process.counted_until)),
             .command = fmt::format("tollgate event list --all-tenants --since {} --until {}",
                                    to_rfc3339(process.counted_until),
                                    to_rfc3339(process.counted_until + silence_counts_for))});
    }
    return found;
}

}  // namespace tollgate
