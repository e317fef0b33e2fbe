#include "journal/snapshot.hpp"

#include <algorithm>
#include <charconv>

namespace tollgate::journal {

namespace {

bool take_number(std::string_view& rest, Xid& value) {
    const auto [end, failure] = std::from_chars(rest.begin(), rest.end(), value.number);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.begin()));
    return failure == std::errc{};
}

bool take(std::string_view& rest, char expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(1);
    return true;
}

}  // namespace

Result<Snapshot> Snapshot::parse(std::string_view text) {
    Snapshot snapshot;
    std::string_view rest = text;
    bool well_formed = take_number(rest, snapshot.xmin) && take(rest, ':') &&
                       take_number(rest, snapshot.xmax) && take(rest, ':');
    while (well_formed && !rest.empty()) {
        Xid xid;
        well_formed = (snapshot.in_progress.empty() || take(rest, ',')) && take_number(rest, xid);
        snapshot.in_progress.push_back(xid);
    }
    if (!well_formed || !std::ranges::is_sorted(snapshot.in_progress)) {
        return fail(ErrorCode::internal, "\"{}\" is not a snapshot", text);
    }
    return snapshot;
}

bool Snapshot::shows(Xid xid) const {
    return xid < xmin || (xid < xmax && !std::ranges::binary_search(in_progress, xid));
}

bool Snapshot::shows_more_than(const Snapshot& earlier, Xid ceiling) const {
    const auto has_ended = [&](Xid xid) { return xid < ceiling && shows(xid); };
    if (std::ranges::any_of(earlier.in_progress, has_ended)) return true;
    // Those that the earlier one did not know are too many to look at one by one: some has ended if there are
    // more of them than are in progress.
    const Xid end = std::min(ceiling, xmax);
    if (end <= earlier.xmax) return false;
    const auto first = std::ranges::lower_bound(in_progress, earlier.xmax);
    const auto beyond = std::ranges::lower_bound(in_progress, end);
    return end.number - earlier.xmax.number > static_cast<std::uint64_t>(beyond - first);
}

}  // namespace tollgate::journal
