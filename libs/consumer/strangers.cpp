#include "consumer/strangers.hpp"

namespace tollgate::consumer {

Result<bool> concerns_others(postgres::Transaction& tx, const tenants::Actor& actor,
                             std::span<const Uuid> ids) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return tx.execute("select consumer.concerns_others($1)", ids).only().get<bool>(0);
}

Result<bool> concerns_others_between(postgres::Transaction& tx, const tenants::Actor& actor,
                                     const Uuid& first, const Uuid& last) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    return tx.execute("select consumer.concerns_others_between($1, $2)", first, last).only().get<bool>(0);
}

}  // namespace tollgate::consumer
