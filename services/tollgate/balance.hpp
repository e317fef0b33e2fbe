// Whether the books of an hour balance: accepted = stored = published = settled, and what to do where they do
// not.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingress/answer_sums.hpp"
#include "ingress/books.hpp"

namespace tollgate {

// What is known of a tenant's hour. Its books may be empty, and its answers too.
struct HourBooks {
    Timestamp hour;
    Uuid tenant;
    std::optional<std::string> tenant_slug;
    ingress::AnswerCount answers;
    ingress::DoubtCount doubts;
    std::int64_t in_gaps = 0;    // stored while a process that was killed may have gone on answering
    std::int64_t conflicts = 0;  // stored, held by ingress, and not decided on
    ingress::Books books;

    std::string tenant_name() const { return tenant_slug.value_or(tenant.text()); }
};

// The same for all hours that are looked at.
struct BalanceFrame {
    ingress::BooksFrame books;
    std::optional<Timestamp> counted_since;  // answers; none: nobody has counted yet
    Timestamp settled;                       // what came before should wait for nothing any more
    std::vector<ingress::AnsweringProcess> silent;

    bool answers_known(Timestamp hour) const;
    // Where a process that was killed may have gone on answering in that hour; apart from each other.
    std::vector<std::pair<Timestamp, Timestamp>> gaps_in(Timestamp hour) const;
    // Of all events of the hour.
    bool published_known(Timestamp hour) const;
};

struct Imbalance {
    // lost, uncounted, gap, unconsumed, unpublished, refused, conflict, waiting, retrying, held, dead,
    // surplus, unknown, broken
    std::string kind;
    std::optional<Timestamp> hour;  // none: not of one hour
    std::optional<Uuid> tenant;
    std::string tenant_name;
    std::string consumer;  // empty: no consumer's
    std::int64_t number = 0;
    std::string what;
    std::string command;  // that deals with it
};

std::vector<Imbalance> balance(const HourBooks& hour, const BalanceFrame& frame);
// Processes that were killed.
std::vector<Imbalance> gaps(const BalanceFrame& frame);

}  // namespace tollgate
