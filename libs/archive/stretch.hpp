// How many rows are read by their ids: those that were put there one behind the other, as most were, by going
// from the first to the last, which costs a tenth of what it costs to look each up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/uuid.hpp"
#include "postgres/rows.hpp"

namespace tollgate::archive {

// From the first to the last of some ids: what also tells Postgres which days it has to look into.
struct IdRange {
    Uuid first;
    Uuid last;
};

struct StretchRows {
    postgres::Rows rows;              // with their ids in column 0; others among them
    std::vector<std::size_t> places;  // the row of each that was asked for, from the first on
};

// `all` gives what lies in that range, in the order of the ids and so many rows at most; `each` gives a row
// for each id in their order, also for one that is not there. Both may leave rows out at the end. At least
// one of those that were asked for is there.
StretchRows read_stretch(std::span<const Uuid> ids,
                         const std::function<postgres::Rows(const IdRange&, std::int64_t)>& all,
                         const std::function<postgres::Rows(const IdRange&)>& each);

}  // namespace tollgate::archive
