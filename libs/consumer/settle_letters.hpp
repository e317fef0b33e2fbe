// What operators decide on messages that are not done, at once: to give them up, or to append an entry again
// that the relay could not pass on. What a consumer is to try again is a job: replay_jobs.hpp.
#pragma once

#include "consumer/letters.hpp"

namespace tollgate::consumer {

struct Settled {
    std::int64_t settled = 0;
    std::int64_t left = 0;  // of ids: done, being run, or not there
};

// Of the newest `limit` that the filter means. One that is being run is left alone.
Result<Settled> discard_letters(postgres::Transaction& tx, const tenants::Actor& actor,
                                const LetterFilter& filter, std::string_view reason);

// Entries in journal.refused, of the reader that the filter names: appended to the journal again, and gone
// from there.
Result<Settled> append_refused(postgres::Transaction& tx, const tenants::Actor& actor,
                               const LetterFilter& filter, std::string_view reason);

// "a reason is required ..." if there is none.
Result<void> require_reason(std::string_view reason);

}  // namespace tollgate::consumer
