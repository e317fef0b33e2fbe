#include "old_day.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "archive/events.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::test {

OldDay::OldDay() {
    make_consumer(shell);
    as_owner(
        "update consumer.consumer set since = '00000000-0000-0000-0000-000000000000', refill_after = null, "
        "refill_until = null, refill_reason = null");
}

void OldDay::as_owner(const std::string& sql) const {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    owner.execute_script(sql);
}

Uuid OldDay::event() const {
    // All of them in one hour.
    Uuid id = make_uuid_v7();
    const Uuid first = first_uuid_v7_at(std::chrono::floor<std::chrono::days>(SystemClock{}.now()) -
                                        std::chrono::days{8} + std::chrono::hours{12});
    std::copy_n(first.bytes.begin(), 6, id.bytes.begin());
    as_owner(fmt::format("select archive.make_day_of('{}')", id));
    const std::array event{archive::Event{.id = id,
                                          .tenant = acme,
                                          .source = "shop",
                                          .provider = "stripe",
                                          .type = "invoice.paid",
                                          .headers = "content-type: application/json\n",
                                          .body = "{}"}};
    postgres::Connection owner = open(shell.database().owner());
    const auto written = transact(owner, [&](postgres::Transaction& tx) { archive::write(tx, event); });
    if (!written) throw std::runtime_error{written.error().text()};
    return id;
}

Uuid OldDay::done() const {
    const Uuid id = event();
    as_owner(
        fmt::format("select consumer.make_days_of(array['{0}'::uuid]); insert into consumer.inbox "
                    "(consumer, message_id, tenant) values ('billing', '{0}', '{1}')",
                    id, acme));
    return id;
}

Uuid OldDay::dead() const {
    return make_letter(shell, {.tenant = acme, .id = event()});
}

ingress::Swept OldDay::sweep() const {
    postgres::Connection connection = open(shell.database().service("ingress"));
    return ingress::sweep(connection, {.horizon_days = 7}, {}).value();
}

std::string OldDay::drops() const {
    postgres::Connection connection = open(shell.database().service("ingress"));
    return connection.execute("select progress from ingress.drop_days(7) limit 1").only().get<std::string>(0);
}

}  // namespace tollgate::test
