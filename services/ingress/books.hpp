// What became of the events of an hour, in numbers that are counted independently of each other: what is
// stored, what was published, what each consumer has taken and not done.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::ingress {

// Of a count also those of a while ago, which should wait for nothing any more.
struct Number {
    std::int64_t all = 0;
    std::int64_t old = 0;
};

struct ConsumerBooks {
    Number due;  // what it is to get
    Number taken;
    Number retrying;
    Number held;
    Number dead;
    Number refused;  // of what is due: it does not come, because the relay could not put it on the bus

    // Done, or discarded.
    std::int64_t settled() const { return taken.all - retrying.all - held.all - dead.all; }
};

// Of one hour and tenant.
struct Books {
    Number stored;
    std::optional<Number> countable;  // of these the ones since answers are counted; none: all
    Number withheld;                  // of these the ones that an operator has to decide on, or has discarded
    Number payments;                  // payment events
    // By topic: first records, and repeats (as `old`); set aside by the relay ...
    std::map<std::string, Number> published;
    std::map<std::string, std::int64_t> refused;  // and nobody has decided on it
    std::map<std::string, Number> unpublishable;  // not published for that reason; also what was given up
    std::map<std::string, ConsumerBooks> consumers;

    // What is to come onto that topic.
    Number due_on(const std::string& topic) const;
};

struct BooksFrame {
    Timestamp now;
    std::optional<Timestamp> kept_since;       // days before were dropped
    std::optional<Timestamp> reach;            // before it there is nothing; none: nowhere
    std::optional<Timestamp> published_since;  // the relay's sums are whole; none: nothing goes through it
    std::string bus;
    std::map<std::string, std::string> consumers;  // and their inputs
};
BooksFrame frame_books(postgres::Transaction& tx);
// As in the frame, by now.
std::optional<Timestamp> books_kept_since(postgres::Transaction& tx);

// The first hour from that one on in which something was stored or answered.
std::optional<Timestamp> next_hour_of_books(postgres::Transaction& tx, Timestamp from);

// By tenant: how many events came in between.
std::map<Uuid, std::int64_t> count_stored(postgres::Transaction& tx, Timestamp since, Timestamp until);

// By tenant, of those that the transaction may see. `settled`: what came before it is old. `counted`: since
// when answers are counted.
std::map<Uuid, Books> read_books(postgres::Transaction& tx, const BooksFrame& frame, Timestamp hour,
                                 Timestamp settled, std::optional<Timestamp> counted);

}  // namespace tollgate::ingress
