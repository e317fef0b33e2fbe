// What operators decide on messages that are not done, at once: to give them up, or to append an entry again
// that the relay could not pass on. What a consumer is to try again is a job: replay_jobs.hpp.
#pragma once

#include "consumer/letter_rows.hpp"

namespace tollgate::consumer {

struct Settled {
    std::int64_t settled = 0;
    std::int64_t left =
        0;  // that the filter means, and that are as they were: beyond the limit, or being run
};

// A step of what the filter means, so many at most.
struct DiscardStep {
    std::int64_t settled = 0;
    std::optional<LetterPlace> reached;  // where the next one begins; none: that was all
};
Result<DiscardStep> discard_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                    const LetterFilter& filter, std::string_view reason, std::int64_t most,
                                    const std::optional<LetterPlace>& behind);

// The oldest of the entries in journal.refused, within the limit, of the reader that the filter names:
// appended to the journal again, and gone from there.
Result<Settled> append_refused(postgres::Transaction& tx, const tenants::Actor& actor,
                               const LetterFilter& filter, std::string_view reason);

}  // namespace tollgate::consumer
