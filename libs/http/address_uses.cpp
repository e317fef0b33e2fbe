#include "http/address_uses.hpp"

namespace tollgate::http {

AddressUse::~AddressUse() {
    among_.forget(network_);
}

std::shared_ptr<AddressUse> AddressUses::of(const IpAddress& address) {
    const IpAddress network = address.sender_network();
    const std::lock_guard lock{mutex_};
    std::weak_ptr<AddressUse>& known = uses_[network];
    std::shared_ptr<AddressUse> use = known.lock();
    if (use == nullptr) {
        use = std::make_shared<AddressUse>(*this, network);
        known = use;
    }
    return use;
}

std::size_t AddressUses::size() const {
    const std::lock_guard lock{mutex_};
    return uses_.size();
}

void AddressUses::forget(const IpAddress& network) {
    const std::lock_guard lock{mutex_};
    const auto found = uses_.find(network);
    // Somebody may have come between the end of the last and this: that one stays.
    if (found != uses_.end() && found->second.expired()) uses_.erase(found);
}

}  // namespace tollgate::http
