#include "tenants/uses.hpp"

#include <algorithm>
#include <vector>

namespace tollgate::tenants {

void Uses::note(const Uuid& secret, Timestamp at) {
    const std::lock_guard lock{mutex_};
    const auto known = noted_.find(secret);
    if (known != noted_.end()) {
        known->second = std::max(known->second, at);
    } else if (noted_.size() < noted_max) {
        noted_.emplace(secret, at);
    }
}

void Uses::write(postgres::Connection& connection) {
    Times taken;
    {
        const std::lock_guard lock{mutex_};
        taken.swap(noted_);
    }
    if (taken.empty()) return;
    std::vector<Uuid> secrets;
    std::vector<Timestamp> times;
    for (const auto& [secret, at] : taken) {
        secrets.push_back(secret);
        times.push_back(at);
    }
    try {
        connection.execute("select tenants.record_use($1, $2)", secrets, times);
    } catch (const postgres::SqlError&) {
        for (const auto& [secret, at] : taken) note(secret, at);
        throw;
    }
}

bool Uses::empty() const {
    const std::lock_guard lock{mutex_};
    return noted_.empty();
}

}  // namespace tollgate::tenants
