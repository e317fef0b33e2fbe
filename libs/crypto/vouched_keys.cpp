#include "crypto/vouched_keys.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace tollgate::crypto {

Result<PublicKey> VouchedKeys::key_of(std::string_view pem_chain, std::string_view name_end, Timestamp now) {
    const std::string digest = sha256(fmt::format("{}\n{}", name_end, pem_chain));
    {
        const std::lock_guard lock{mutex_};
        const auto found = kept_.find(digest);
        if (found != kept_.end() && found->second.is_valid_at(now)) return found->second.key;
    }
    auto vouched = roots_.look_at(pem_chain, name_end, now);
    if (!vouched) return std::unexpected{vouched.error()};
    const std::lock_guard lock{mutex_};
    if (kept_.size() >= kept_max_ && !kept_.contains(digest)) {
        const auto until = [](const auto& entry) { return entry.second.until; };
        kept_.erase(std::ranges::min_element(kept_, {}, until));
    }
    kept_.insert_or_assign(digest, *vouched);
    return std::move(vouched->key);
}

}  // namespace tollgate::crypto
