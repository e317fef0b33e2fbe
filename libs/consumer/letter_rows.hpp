// Rows of consumer.letter that a filter means. Nothing here looks at rights: who calls it has.
#pragma once

#include "consumer/letters.hpp"

namespace tollgate::consumer {

// The newest first, from behind a place on: what comes meanwhile is not among those that follow.
std::vector<Letter> find_letters(postgres::Transaction& tx, const LetterFilter& filter,
                                 const std::optional<LetterPlace>& behind = std::nullopt);

// What is taken of them, the oldest first, so many at most, from behind a place on.
std::vector<Letter> choose_letters(postgres::Transaction& tx, const LetterFilter& filter, Purpose purpose,
                                   std::int64_t most, const std::optional<LetterPlace>& behind);

struct LetterName {
    Uuid id;
    Uuid tenant;
};
// Of those that a job takes, in the same order.
std::vector<LetterName> name_letters(postgres::Transaction& tx, const LetterFilter& filter);

std::int64_t count_all(postgres::Transaction& tx, const LetterFilter& filter, Purpose purpose);

std::vector<LetterGroup> find_groups(postgres::Transaction& tx, const LetterFilter& filter);
// Of what is taken within the filter's limit, so many groups at most.
std::vector<LetterGroup> groups_of_chosen(postgres::Transaction& tx, const LetterFilter& filter,
                                          Purpose purpose, std::int64_t most);

}  // namespace tollgate::consumer
