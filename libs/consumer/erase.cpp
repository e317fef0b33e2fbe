#include "consumer/erase.hpp"

namespace tollgate::consumer {

MessagesOfCustomer count_messages_of(postgres::Transaction& tx, const Uuid& tenant, std::string_view provider,
                                     std::string_view customer) {
    const auto rows = tx.execute(
        "select count(*) filter (where state <> 'retrying'), count(*) filter (where state = 'retrying') "
        "from consumer.messages_of($1, $2, $3)",
        tenant, provider, customer);
    return {.erasable = rows.only().get<std::int64_t>(0), .retrying = rows.only().get<std::int64_t>(1)};
}

std::int64_t erase_messages_of(postgres::Transaction& tx, const Uuid& tenant, std::string_view provider,
                               std::string_view customer) {
    return tx
        .execute("select consumer.erase_messages($1, $2, $3, 'its customer was erased')", tenant, provider,
                 customer)
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::consumer
