// Events that are stored, and what became of each: what operators see of one from its receipt on.
#pragma once

#include "consumer/letters.hpp"

namespace tollgate::consumer {

struct StoredEvent {
    Uuid id;  // its time is when it was received
    Uuid tenant;
    std::optional<std::string> tenant_slug;
    std::string source;
    std::string provider;
    std::string type;
    std::optional<std::string> provider_event_id;
    std::optional<std::string> subject;
    bool withheld = false;  // held, or discarded: no consumer gets it
};

struct EventFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::optional<std::string> source{};  // its slug
    std::optional<std::string> provider{};
    std::optional<std::string> type{};  // "invoice.paid", or "stripe.invoice.paid"
    std::optional<Timestamp> since{};
    std::optional<Timestamp> until{};
    std::int64_t limit = 100;
};
// The newest first.
Result<std::vector<StoredEvent>> list_events(postgres::Transaction& tx, const tenants::Actor& actor,
                                             const EventFilter& filter);

struct EventFacts {
    StoredEvent event;
    std::optional<Timestamp> provider_time;
    std::optional<std::string> ordering_key;
    std::optional<std::string> content_type;
    std::optional<std::string> account;
    std::optional<std::string> mode;
    std::optional<std::string> proof;  // how it was verified: signature, token, fetched, none
    std::optional<Uuid> secret;        // with which, as `source secret list` shows it
    std::optional<std::string> received_from;
    std::int64_t bytes = 0;
};

struct EventState {
    std::string consumer;
    std::string state;  // waiting, done, retrying, held, dead, discarded; withheld, not due
    std::int32_t attempts = 0;
    std::optional<std::string> reason;
    std::optional<Timestamp> due_at;
};

// What the journal still has of it, and who has read that.
struct JournalTrace {
    std::string topic;
    std::string read_by;  // names with commas
};

struct Happening {
    Timestamp at;
    std::string what;
    std::string consumer;  // empty: no consumer's
    std::string detail;
};

struct EventStory {
    EventFacts facts;
    std::vector<EventState> consumers;
    std::vector<JournalTrace> journal;
    std::vector<Happening> happenings;  // in the order of time
};
// What is of one millisecond stays in the order in which it was told.
void put_in_order(std::vector<Happening>& happenings);
Result<EventStory> tell_story(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id);

// As it was received. Recorded in the audit log.
Result<std::string> read_event_body(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id);

}  // namespace tollgate::consumer
