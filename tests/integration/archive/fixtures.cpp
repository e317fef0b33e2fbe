#include "fixtures.hpp"

#include "archive/schema.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

using archive::Event;
using archive::Slice;
using postgres::Row;
using postgres::Transaction;

const std::vector<const postgres::Schema*> archive_schemas{&postgres::schema(), &archive::schema()};

namespace {

const Uuid tenant = make_uuid_v7();
const Uuid secret = make_uuid_v7();

}  // namespace

Timestamp midnight(int days_from_today) {
    return std::chrono::floor<std::chrono::days>(SystemClock{}.now()) + std::chrono::days{days_from_today};
}

Uuid id_at(Timestamp time) {
    const Uuid first = first_uuid_v7_at(time);
    Uuid id = make_uuid_v7();
    std::copy_n(first.bytes.begin(), 6, id.bytes.begin());
    return id;
}

Event event(const Uuid& id) {
    return {.id = id,
            .tenant = tenant,
            .source = "shop",
            .provider = "stripe",
            .type = "charge.succeeded",
            .provider_event_id = "evt_1",
            .provider_time = Timestamp{std::chrono::microseconds{1'790'000'000'123'456}},
            .subject = "ch_1",
            .ordering_key = "cus_1",
            .content_type = "application/json",
            .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            .account = "acct_1",
            .mode = "live",
            .proof = "signature",
            .secret = secret,
            .received_from = "192.0.2.7",
            .headers = "content-type: application/json\nx-note: caf\xE9\n",
            .body = std::string{"{\"id\":\"evt_1\"}\0\xFF\n", 17}};
}

std::vector<Event> events_of_request(const std::vector<Uuid>& ids, const std::string& body,
                                     const std::vector<std::pair<int, int>>& slices) {
    std::vector<Event> events;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Event one = event(ids[i]);
        one.body = body;
        one.slice = Slice{.of = ids.front(), .offset = slices.at(i).first, .length = slices.at(i).second};
        events.push_back(std::move(one));
    }
    return events;
}

Day expected_day(int days_from_today) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(midnight(days_from_today))};
    return {.table = fmt::format("event_{:04}{:02}{:02}", int{date.year()}, unsigned{date.month()},
                                 unsigned{date.day()}),
            .first = first_uuid_v7_at(midnight(days_from_today)),
            .next = first_uuid_v7_at(midnight(days_from_today + 1))};
}

std::vector<Day> expected_days(int first, int last) {
    std::vector<Day> days;
    for (int day = first; day <= last; ++day) days.push_back(expected_day(day));
    return days;
}

postgres::ConnectionSettings Archive::settings(const std::string& service) const {
    postgres::ConnectionSettings settings = database_.service(service);
    settings.idle_in_transaction_timeout = std::chrono::minutes{10};
    settings.lock_timeout = std::chrono::minutes{1};
    return settings;
}

Result<void> Archive::write(const std::vector<Event>& events) {
    postgres::Connection connection = open(settings());
    return transact(connection, [&](Transaction& tx) { archive::write(tx, events); });
}

Result<std::vector<Event>> Archive::read(const std::vector<Uuid>& ids) {
    postgres::Connection connection = open(settings("relay"));
    return transact(connection, [&](Transaction& tx) { return archive::read(tx, ids); });
}

std::vector<Day> Archive::days() {
    postgres::Connection connection = open(owner());
    const postgres::Rows rows = connection.execute(
        "select relname, split_part(bound, '''', 2)::uuid, split_part(bound, '''', 4)::uuid "
        "from (select c.relname, pg_get_expr(c.relpartbound, c.oid) as bound from pg_class c "
        "      join pg_inherits i on i.inhrelid = c.oid where i.inhparent = 'archive.event'::regclass) d "
        "order by 2");
    std::vector<Day> days;
    for (const Row row : rows) {
        days.push_back(
            {.table = row.get<std::string>(0), .first = row.get<Uuid>(1), .next = row.get<Uuid>(2)});
    }
    return days;
}

std::string Archive::table_of(const Uuid& id) {
    return open(owner())
        .execute(
            "select c.relname from archive.event e join pg_class c on c.oid = e.tableoid where e.id = $1", id)
        .only()
        .get<std::string>(0);
}

bool waits_for_lock(const Archive& archive, std::int32_t backend_pid) {
    postgres::Connection connection = open(archive.owner());
    return wait_until([&] {
        return connection
            .execute("select exists (select from pg_locks where pid = $1 and not granted)", backend_pid)
            .only()
            .get<bool>(0);
    });
}

}  // namespace tollgate::test
