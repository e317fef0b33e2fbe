#include "consumer/event_story.hpp"

#include <chrono>
#include <map>

#include "consumer/deeds.hpp"
#include "consumer/event_facts.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Row;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

// Letters are looked for by their consumers, all of which are named for that: among millions an id alone is
// found in no index.

std::vector<EventState> states_of(Transaction& tx, const EventFacts& facts) {
    std::vector<EventState> states;
    for (const Row row : tx.execute(
             "select c.name, coalesce(l.state, case when i.message_id is not null then 'done' "
             "when $2 then 'withheld' when c.since > $1 then 'not due' when u.message_id is not null then "
             "'discarded' else 'waiting' end), coalesce(l.attempts, 0), "
             "coalesce(l.reason, case when i.message_id is null and not $2 and c.since <= $1 then u.told "
             "end), "
             "l.due_at "
             "from consumer.consumer c left join consumer.inbox i on i.consumer = c.name and i.message_id = "
             "$1 "
             "left join consumer.letter l on l.consumer = c.name and l.message_id = $1 "
             "and l.consumer = any (array(select name from consumer.consumer)) "
             // Of what enrichment has not read no payment event will ever come.
             "left join (select e.message_id, 'enrichment''s message was given up, so that nothing follows "
             "from "
             "  it' as told from consumer.letter e where e.consumer = 'enrichment' and e.message_id = $1 "
             "  and e.state = 'discarded' and not consumer.has_payment_event($1)) u on c.input = 'payment' "
             "order by c.name",
             facts.event.id, facts.event.withheld)) {
        states.push_back({.consumer = row.get<std::string>(0),
                          .state = row.get<std::string>(1),
                          .attempts = row.get<std::int32_t>(2),
                          .reason = row.get<std::optional<std::string>>(3),
                          .due_at = row.get<std::optional<Timestamp>>(4)});
    }
    return states;
}

struct Traces {
    std::vector<JournalTrace> all;
    std::optional<Timestamp> committed_by;  // as far as the journal knows
};

// A reader has read an entry that its tick shows, or that is not behind it in the next one.
Traces traces_of(Transaction& tx, const Uuid& id) {
    Traces traces;
    for (const Row row : tx.execute(
             "select e.topic, array_to_string(array(select r.name from journal.reader r "
             "  cross join lateral (select * from journal.position p where p.reader = r.name "
             "                      order by p.tick desc, p.xid desc, p.seq desc limit 1) p "
             "  join journal.tick t on t.id = p.tick left join journal.tick n on n.id = p.tick + 1 "
             "  where pg_visible_in_snapshot(e.xid, t.snapshot) or (p.seq > 0 and n.id is not null "
             "    and pg_visible_in_snapshot(e.xid, n.snapshot) and (e.xid, e.seq) <= (p.xid, p.seq)) "
             "  order by r.name), ', '), case when e.topic = 'raw' then consumer.committed_by($1, e.xid) end "
             "from journal.entry e where e.event_id = $1 order by e.seq",
             id)) {
        traces.all.push_back({.topic = row.get<std::string>(0), .read_by = row.get<std::string>(1)});
        if (!traces.committed_by) traces.committed_by = row.get<std::optional<Timestamp>>(2);
    }
    return traces;
}

void add_rows(std::vector<Happening>& all, const postgres::Rows& rows) {
    all.reserve(all.size() + rows.size());
    for (const Row row : rows) {
        all.push_back({.at = row.get<Timestamp>(0),
                       .what = row.get<std::string>(1),
                       .consumer = row.get<std::string>(2),
                       .detail = row.get<std::string>(3)});
    }
}

// A record is acknowledged before the position that says so is saved: who took it up just before that got it
// from there.
void add_publications(Transaction& tx, const Uuid& id, const Uuid& tenant, std::vector<Happening>& all) {
    const Timestamp hour = std::chrono::floor<std::chrono::hours>(time_of(id));
    for (const Row row :
         tx.execute("select least(p.at, (select min(h.at) from (select i.taken_at as at, i.consumer from "
                    "    consumer.inbox i where i.message_id = $1 union all select a.at, a.consumer from "
                    "    consumer.attempt a where a.message_id = $1) h join consumer.consumer c on c.name = "
                    "h.consumer "
                    "  where c.input = p.topic and h.at > p.at - interval '10 seconds')), "
                    "p.log_topic, p.log_partition, p.log_offset from journal.places_of($1, $2, $3) p",
                    id, tenant, hour)) {
        all.push_back({.at = row.get<Timestamp>(0),
                       .what = "published",
                       .consumer = {},
                       .detail = fmt::format("at {}[{}]@{}", row.get<std::string>(1),
                                             row.get<std::int32_t>(2), row.get<std::int64_t>(3))});
    }
}

// What consumers did by themselves.
void add_work(Transaction& tx, const Uuid& id, std::vector<Happening>& all) {
    add_rows(all,
             tx.execute("select i.taken_at, case when exists (select from consumer.letter l where "
                        "l.consumer = c.name and l.message_id = $1 and l.consumer = any (array(select name "
                        "from consumer.consumer))) or exists (select from "
                        "consumer.attempt a where a.consumer = c.name and a.message_id = $1) "
                        "then 'taken up' else 'done' end, c.name, '' "
                        "from consumer.consumer c join consumer.inbox i on i.consumer = c.name "
                        "and i.message_id = $1 where i.taken_at is not null order by i.taken_at, c.name",
                        id));
    add_rows(all,
             tx.execute("select at, case when consumer = 'relay' then 'refused' when outcome = 'dead' then "
                        "'failed for good' when outcome = 'done' then 'done' else 'failed' end, consumer, "
                        "case when consumer = 'relay' then reason when outcome = 'done' then "
                        "format('attempt %s (%s, build %s)', attempt, cause, build) else "
                        "format('attempt %s (%s, build %s): %s', attempt, cause, build, reason) end "
                        "from consumer.attempt where message_id = $1 order by at, attempt",
                        id));
    add_rows(all, tx.execute("select since, 'refused', consumer, reason from consumer.letter "
                             "where message_id = $1 and refused is not null and state = 'discarded'",
                             id));
}

void add_replays(Transaction& tx, const Uuid& id, std::vector<Happening>& all) {
    add_rows(all, tx.execute("select r.created_at, 'chosen for a replay', r.consumer, "
                             "format('%s, by %s: %s', r.id, r.actor, r.reason) from consumer.replay_item i "
                             "join consumer.replay r on r.id = i.replay where i.message_id = $1",
                             id));
    add_rows(all, tx.execute("select i.changed_at, 'replayed', i.consumer, "
                             "case i.state when 'started' then 'it is being tried again' when 'left' then "
                             "'left alone: settled meanwhile' else i.state end from consumer.replay_item i "
                             "where i.message_id = $1 and i.state <> 'waiting'",
                             id));
    add_rows(all, tx.execute("select r.ended_at, 'not replayed', r.consumer, "
                             "format('%s was %s before its turn came', r.id, r.state) "
                             "from consumer.replay_item i join consumer.replay r on r.id = i.replay "
                             "where i.message_id = $1 and i.state = 'waiting' and r.ended_at is not null",
                             id));
}

std::vector<Happening> happenings_of(Transaction& tx, const Uuid& id, const Uuid& tenant) {
    std::vector<Happening> all;
    const auto add = [&](const postgres::Rows& rows) { add_rows(all, rows); };
    const auto deed_of = id.text();
    add_publications(tx, id, tenant, all);
    add_work(tx, id, all);
    // Its state follows from its last attempt, which is written down after it.
    add(tx.execute(
        "select greatest(l.changed_at, (select max(a.at) from consumer.attempt a where a.consumer = "
        "  l.consumer and a.message_id = l.message_id and l.state <> 'discarded')), "
        "case when l.refused is null or l.state = 'discarded' then l.state else 'refused' end, l.consumer, "
        "case l.state when 'discarded' then coalesce((select format('by %s: %s', a.actor, a.reason) "
        "  from tenants.audit a where a.verb = 'dead-letter discard' and a.result ? 'event_ids' "
        "  and a.result -> 'event_ids' ? $2 "
        // What the relay could not put on the bus is given up for all who would have got it.
        "  and coalesce(a.arguments ->> 'consumer', l.consumer) in (l.consumer, 'relay') "
        "  order by coalesce(a.arguments ->> 'consumer', l.consumer) = l.consumer desc, a.id desc limit 1), "
        "  'by an operator') "
        "else l.reason end from consumer.letter l where l.message_id = $1 "
        "and l.consumer = any (array(select consumer.letter_consumers()))",
        id, deed_of));
    add(
        tx.execute("select at, case when verb in ('redo', 'message redo') then 'to be done over' "
                   "when verb = 'dead-letter replay' then 'to be tried again' else verb end, "
                   "coalesce(arguments ->> 'consumer', ''), format('by %s: %s', actor, reason) "
                   "from tenants.audit where result ? 'event_ids' and result -> 'event_ids' ? $1 "
                   "and verb <> 'dead-letter discard' order by id",
                   deed_of));
    add_replays(tx, id, all);
    return all;
}

// When exactly is kept nowhere: when it was received, and when the journal first showed it, are.
Happening commit(Timestamp shown_at) {
    return {
        .at = shown_at, .what = "committed", .consumer = {}, .detail = "the journal showed it from then on"};
}

Happening receipt(const EventFacts& facts, bool knows_of_commit) {
    return {.at = time_of(facts.event.id),
            .what = "received",
            .consumer = {},
            .detail = fmt::format(
                "{} bytes from {}, verified by {}{}; committed before it was answered{}", facts.bytes,
                facts.received_from.value_or("an address that is not known"),
                facts.proof.value_or("what is not known"),
                facts.secret ? fmt::format(" with secret {}", *facts.secret) : "",
                knows_of_commit ? "" : ", at a time that is not kept (this one is of its receipt)")};
}

}  // namespace

Result<std::vector<StoredEvent>> list_events(Transaction& tx, const Actor& actor, const EventFilter& filter) {
    const LetterFilter of_tenant{.tenant = filter.tenant};
    if (const auto admitted = admit_to_letters(tx, actor, Role::viewer, of_tenant); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<StoredEvent> events;
    for (const Row row : tx.execute(
             "select e.id, e.tenant, t.slug, e.source, e.provider, e.type, e.provider_event_id, e.subject, "
             "e.withheld from consumer.list_events($1, $2, $3, $4, $5, $6) e "
             "left join tenants.tenant t using (tenant) order by e.id desc",
             filter.source, filter.provider, filter.type, filter.since, filter.until, filter.limit)) {
        events.push_back({.id = row.get<Uuid>(0),
                          .tenant = row.get<Uuid>(1),
                          .tenant_slug = row.get<std::optional<std::string>>(2),
                          .source = row.get<std::string>(3),
                          .provider = row.get<std::string>(4),
                          .type = row.get<std::string>(5),
                          .provider_event_id = row.get<std::optional<std::string>>(6),
                          .subject = row.get<std::optional<std::string>>(7),
                          .withheld = row.get<bool>(8)});
    }
    return events;
}

void put_in_order(std::vector<Happening>& happenings) {
    std::multimap<std::chrono::sys_time<std::chrono::milliseconds>, Happening> by_time;
    for (Happening& each : happenings)
        by_time.emplace(std::chrono::floor<std::chrono::milliseconds>(each.at), std::move(each));
    happenings.clear();
    for (auto& [at, each] : by_time) happenings.push_back(std::move(each));
}

Result<EventStory> tell_story(Transaction& tx, const Actor& actor, const Uuid& id) {
    if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    auto facts = find_facts(tx, id);
    if (!facts) return std::unexpected{facts.error()};
    auto traces = traces_of(tx, id);
    EventStory story{
        .facts = std::move(*facts), .consumers = {}, .journal = std::move(traces.all), .happenings = {}};
    story.happenings = happenings_of(tx, id, story.facts.event.tenant);
    story.consumers = states_of(tx, story.facts);
    if (traces.committed_by) story.happenings.insert(story.happenings.begin(), commit(*traces.committed_by));
    story.happenings.insert(story.happenings.begin(), receipt(story.facts, traces.committed_by.has_value()));
    put_in_order(story.happenings);
    return story;
}

Result<std::string> read_event_body(Transaction& tx, const Actor& actor, const Uuid& id) {
    if (const auto admitted = tenants::admit(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    const auto rows = tx.execute("select tenant, body from consumer.event_body($1)", id);
    if (rows.empty()) return no_such_event(tx, id);
    record_by_tenant(tx, actor, {.verb = "event body", .arguments = {{"event_id", id.text()}}}, "events",
                     {{rows.only().get<Uuid>(0), 1}});
    return std::string{rows.only().get<std::optional<std::string_view>>(1).value_or("")};
}

}  // namespace tollgate::consumer
