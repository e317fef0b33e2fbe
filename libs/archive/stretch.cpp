#include "archive/stretch.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tollgate::archive {

using postgres::Row;
using postgres::Rows;

namespace {

// Where others lie between them, so many rows for each are looked at before each is looked up by itself.
constexpr std::int64_t rows_for_each = 4;

IdRange range_of(std::span<const Uuid> ids) {
    if (ids.empty()) return {};
    const auto [first, last] = std::ranges::minmax(ids);
    return {.first = first, .last = last};
}

// For as many as are there, from the first on.
std::vector<std::size_t> places_of(std::span<const Uuid> ids, const Rows& rows) {
    std::vector<Uuid> there;
    there.reserve(rows.size());
    for (const Row row : rows) there.push_back(row.get<Uuid>(0));
    std::vector<std::size_t> places;
    places.reserve(ids.size());
    for (const Uuid& id : ids) {
        const auto found = std::ranges::lower_bound(there, id);
        if (found == there.end() || *found != id) break;
        places.push_back(static_cast<std::size_t>(found - there.begin()));
    }
    return places;
}

}  // namespace

StretchRows read_stretch(std::span<const Uuid> ids,
                         const std::function<Rows(const IdRange&, std::int64_t)>& all,
                         const std::function<Rows(const IdRange&)>& each) {
    const IdRange range = range_of(ids);
    Rows rows = all(range, rows_for_each * std::ssize(ids));
    std::vector<std::size_t> places = places_of(ids, rows);
    if (!places.empty()) return {.rows = std::move(rows), .places = std::move(places)};
    rows = each(range);
    places.resize(rows.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    return {.rows = std::move(rows), .places = std::move(places)};
}

}  // namespace tollgate::archive
