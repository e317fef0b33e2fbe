#include "ingress/books.hpp"

namespace tollgate::ingress {

namespace {

using postgres::Row;
using postgres::Transaction;

Number minus(const Number& from, const Number& number) {
    return {.all = from.all - number.all, .old = from.old - number.old};
}

void put(Books& books, const std::string& what, const std::optional<std::string>& consumer,
         const Number& number) {
    constexpr std::string_view published = "published ";
    constexpr std::string_view refused = "refused ";
    constexpr std::string_view unpublishable = "unpublishable ";
    if (what.starts_with(published)) {
        books.published[what.substr(published.size())] = number;
    } else if (what.starts_with(refused)) {
        books.refused[what.substr(refused.size())] = number.all;
    } else if (what.starts_with(unpublishable)) {
        books.unpublishable[what.substr(unpublishable.size())] = number;
    } else if (consumer) {
        ConsumerBooks& of = books.consumers[*consumer];
        (what == "taken"      ? of.taken
         : what == "retrying" ? of.retrying
         : what == "held"     ? of.held
         : what == "dead"     ? of.dead
         : what == "refused"  ? of.refused
                              : of.due) = number;
    } else if (what == "countable") {
        books.countable = number;
    } else {
        (what == "stored" ? books.stored : what == "withheld" ? books.withheld : books.payments) = number;
    }
}

}  // namespace

Number Books::due_on(const std::string& topic) const {
    return topic == "payment" ? payments : minus(stored, withheld);
}

BooksFrame frame_books(Transaction& tx) {
    const auto rows = tx.execute(
        "select looked_at, kept_since, published_since, bus, ingress.books_reach() "
        "from ingress.books_frame()");
    const Row row = rows.only();
    BooksFrame frame{.now = row.get<Timestamp>(0),
                     .kept_since = row.get<std::optional<Timestamp>>(1),
                     .reach = row.get<std::optional<Timestamp>>(4),
                     .published_since = row.get<std::optional<Timestamp>>(2),
                     .bus = row.get<std::string>(3),
                     .consumers = {}};
    for (const Row each : tx.execute("select name, input from consumer.consumer"))
        frame.consumers.emplace(each.get<std::string>(0), each.get<std::string>(1));
    return frame;
}

std::optional<Timestamp> books_kept_since(Transaction& tx) {
    return tx.execute("select kept_since from ingress.books_frame()").only().get<std::optional<Timestamp>>(0);
}

std::optional<Timestamp> next_hour_of_books(Transaction& tx, Timestamp from) {
    return tx.execute("select ingress.next_hour($1)", from).only().get<std::optional<Timestamp>>(0);
}

std::map<Uuid, std::int64_t> count_stored(Transaction& tx, Timestamp since, Timestamp until) {
    std::map<Uuid, std::int64_t> stored;
    for (const Row row :
         tx.execute("select tenant, number from ingress.stored_between($1, $2)", since, until))
        stored.emplace(row.get<Uuid>(0), row.get<std::int64_t>(1));
    return stored;
}

std::map<Uuid, Books> read_books(Transaction& tx, const BooksFrame& frame, Timestamp hour, Timestamp settled,
                                 std::optional<Timestamp> counted) {
    std::map<Uuid, Books> all;
    for (const Row row : tx.execute("select tenant, what, consumer, number, old_number "
                                    "from ingress.books_of($1, $2, $3)",
                                    hour, settled, counted)) {
        put(all[row.get<Uuid>(0)], row.get<std::string>(1), row.get<std::optional<std::string>>(2),
            {.all = row.get<std::int64_t>(3), .old = row.get<std::int64_t>(4)});
    }
    for (auto& [tenant, books] : all) {
        // What was countable of a tenant is nothing where others' answers began to be counted in this hour.
        if (counted && *counted > hour && !books.countable) books.countable = Number{};
        for (const auto& [consumer, input] : frame.consumers) {
            ConsumerBooks& of = books.consumers[consumer];
            of.due = minus(books.due_on(input), of.due);
        }
    }
    return all;
}

}  // namespace tollgate::ingress
