#include "many_events.hpp"

namespace tollgate::test {

void make_events_like(const Shell& shell, const Uuid& event, int number, std::chrono::seconds ago) {
    const Uuid begin = first_uuid_v7_at(SystemClock{}.now() - ago);
    postgres::Connection owner = open(shell.database().owner());
    owner.execute("select archive.make_day_of($1)", begin);
    owner.execute(
        "insert into archive.event (id, tenant, source, provider, type, headers, body) "
        "select (substr($1, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid, tenant, source, provider, type, "
        "headers, body "
        "from archive.event cross join generate_series(1, $3::integer) n where id = $2",
        begin.text(), event, number);
}

}  // namespace tollgate::test
