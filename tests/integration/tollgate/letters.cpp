#include "letters.hpp"

#include <stdexcept>

#include "archive/events.hpp"
#include "consumer/dead_letter.hpp"

namespace tollgate::test {

namespace {

postgres::Connection owner_of(const Shell& shell) {
    postgres::Connection owner = open(shell.database().owner());
    owner.execute_script("set tollgate.tenant = '*'");
    return owner;
}

}  // namespace

Uuid make_tenant(const Shell& shell, const std::string& slug) {
    return *Uuid::parse(json_text(shell("tenant create " + slug + " --json").out, "tenant"));
}

void make_consumer(const Shell& shell, const std::string& name) {
    owner_of(shell).execute("select consumer.register_consumer($1, 'raw', false)", name);
}

Uuid make_letter(const Shell& shell, const LetterRow& row) {
    const Uuid id = row.id.value_or(make_uuid_v7());
    postgres::Connection owner = owner_of(shell);
    owner.execute("select consumer.make_days_of(array[$1])", id);
    owner.execute("insert into consumer.inbox (consumer, message_id, tenant) values ($1, $2, $3)",
                  row.consumer, id, row.tenant);
    owner.execute(
        "insert into consumer.work (consumer, message_id, tenant, state, attempt, reason, fingerprint, hold, "
        "topic, log_topic, log_partition, log_offset, key, value, headers) values ($1, $2, $3, $4, $5, $6, "
        "$7, case when $4 = 'held' then 'unmapped' end, 'raw', 'tollgate.raw', 3, 17, 'key', $8, "
        "jsonb_build_array(jsonb_build_array('ce_type', $9::text)))",
        row.consumer, id, row.tenant, row.state, row.attempts, row.reason, consumer::fingerprint(row.reason),
        postgres::Bytes{row.body}, row.type);
    owner.execute(
        "insert into consumer.attempt (message_id, consumer, tenant, attempt, cause, outcome, reason, build) "
        "values ($1, $2, $3, $4, 'stream', 'dead', $5, 'b1')",
        id, row.consumer, row.tenant, row.attempts, row.reason);
    return id;
}

Uuid make_refused(const Shell& shell, const Uuid& tenant, std::optional<Uuid> event) {
    const Uuid id = event.value_or(make_uuid_v7());
    owner_of(shell).execute(
        "insert into journal.refused (reader, tenant, topic, event_id, reason) "
        "values ('relay', $1, 'raw', $2, 'Broker: Message size too large: 1048588 bytes of \"raw\"')",
        tenant, id);
    return id;
}

Uuid make_event(const Shell& shell, const Uuid& tenant, const std::string& type, const std::string& body,
                const std::string& done_by) {
    const archive::Event event{.id = make_uuid_v7(),
                               .tenant = tenant,
                               .source = "shop",
                               .provider = "stripe",
                               .type = type,
                               .provider_event_id = "evt_1",
                               .content_type = "application/json",
                               .proof = "signature",
                               .received_from = "192.0.2.7",
                               .headers = "content-type: application/json\n",
                               .body = body};
    postgres::Connection owner = owner_of(shell);
    const auto written = transact(owner, [&](postgres::Transaction& tx) { archive::write(tx, {&event, 1}); });
    if (!written) throw std::runtime_error{written.error().text()};
    if (!done_by.empty()) {
        owner.execute("select consumer.make_days_of(array[$1])", event.id);
        owner.execute("insert into consumer.inbox (consumer, message_id, tenant) values ($1, $2, $3)",
                      done_by, event.id, tenant);
    }
    return event.id;
}

std::int64_t count(const Shell& shell, const std::string& of) {
    return owner_of(shell).execute("select count(*) from " + of).only().get<std::int64_t>(0);
}

}  // namespace tollgate::test
