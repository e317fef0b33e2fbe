// Messages that a consumer has not done, as operators look at them: dead ones first of all. Among them what
// the relay could not put on the bus, under the consumer "relay".
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"
#include "events/cloud_event.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

struct Letter {
    std::string consumer;
    Uuid id;  // of the event
    Uuid tenant;
    std::optional<std::string> tenant_slug;  // none: of nobody that is known here
    std::string state;                       // dead, held, retrying, discarded
    std::string cause;                       // why it was run: stream, replay, redo
    std::int32_t attempts = 0;
    Timestamp since;
    std::optional<Timestamp> due_at;
    std::string reason;
    std::string fingerprint;
    std::optional<std::string> hold;
    Timestamp changed_at;
    std::string topic;
    std::optional<std::string> log_topic;  // where it lay in Kafka
    std::optional<std::int32_t> log_partition;
    std::optional<std::int64_t> log_offset;
    std::optional<std::string> type;
    bool running = false;                 // just now
    std::optional<std::int64_t> refused;  // the number of an entry that the relay could not pass on
};

// Where a walk over letters has come to. It holds also when that letter is gone meanwhile.
struct LetterPlace {
    Timestamp changed_at;
    Uuid id;
    std::string consumer;
    std::int64_t refused = 0;
};
LetterPlace place_of(const Letter& letter);

// As a flag takes it: microseconds, the event's id, the consumer, and of an entry of the relay its number.
std::string to_text(const LetterPlace& place);
Result<LetterPlace> parse_place(std::string_view text);

struct LetterFilter {
    std::optional<std::string> tenant{};    // uuid or slug; none: all that the actor may see
    std::optional<std::string> consumer{};  // none: all
    std::string state = "dead";             // empty: any
    std::optional<std::string> type{};      // "stripe.invoice.paid"
    std::optional<std::string> fingerprint{};
    std::optional<Timestamp> since{};  // of the last change: when it died
    std::optional<Timestamp> until{};
    std::int32_t attempts_min = 0;
    std::vector<Uuid> ids{};  // none: any
    std::int64_t limit = 100;
};
inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

// One line of what the filter means, for the audit log and for jobs.
boost::json::object to_json(const LetterFilter& filter);

struct LetterList {
    std::vector<Letter> letters;  // the newest first
    bool more = false;            // beyond the limit
};
// From behind a place on, which is the last one of a list before.
Result<LetterList> list_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                const LetterFilter& filter,
                                const std::optional<LetterPlace>& behind = std::nullopt);

// Those that differ by ids and numbers alone.
struct LetterGroup {
    std::string consumer;
    std::string fingerprint;
    std::string state;
    std::int64_t count = 0;
    std::int64_t tenants = 0;
    Timestamp first_seen;
    Timestamp last_seen;
    std::string sample_reason;
};
// The largest first. The filter's limit is of groups.
Result<std::vector<LetterGroup>> group_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                               const LetterFilter& filter);

// What is done with letters: which of those that a filter means it takes. It takes the oldest first, so that
// the same filter and limit are the same letters in a dry run, in a copy and in the deed.
enum class Purpose {
    copy,
    discard,
    replay,  // by a job
    append,  // entries of the relay, to the journal again
};
// That what a filter asks for can be done with it.
Result<void> check_purpose(const LetterFilter& filter, Purpose purpose);

// What would be discarded or replayed: how many, the first of them, and their groups.
struct LetterPreview {
    std::int64_t count = 0;   // within the limit
    std::int64_t beyond = 0;  // it
    std::int64_t left = 0;    // of a replay: as those that StartedReplay tells of
    std::vector<Letter> sample;
    std::vector<LetterGroup> groups;
};
Result<LetterPreview> preview_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                      const LetterFilter& filter, Purpose purpose);
// How many there are, whatever the limit.
Result<std::int64_t> count_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                   const LetterFilter& filter, Purpose purpose);

// What a replay of the filter passes over, when so many are free: what another replay has, and of ids also
// what is not in that state.
std::int64_t count_left_alone(postgres::Transaction& tx, const LetterFilter& filter, std::int64_t free);
// Says of these why there is nothing.
Error nothing_to_replay(const LetterFilter& filter, std::int64_t left);

struct FailedAttempt {
    std::int32_t attempt = 0;
    Timestamp at;
    std::string cause;
    std::string outcome;  // retry, dead
    std::string reason;
    std::string build;
};
struct LetterStory {
    Letter letter;
    events::Headers headers;  // as they came
    std::vector<FailedAttempt> attempts;
};
// One each; of the relay one for each entry of this event.
Result<std::vector<LetterStory>> show_letter(postgres::Transaction& tx, const tenants::Actor& actor,
                                             const std::string& consumer, const Uuid& id);

// For the verbs: lets the transaction see what the filter's tenant, or the actor, may. `invalid` if there is
// no such consumer: a name that is misspelt has no letters, and would read as if all were well.
Result<void> admit_to_letters(postgres::Transaction& tx, const tenants::Actor& actor, tenants::Role needed,
                              const LetterFilter& filter);

}  // namespace tollgate::consumer
