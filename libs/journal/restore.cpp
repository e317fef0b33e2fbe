#include "journal/restore.hpp"

namespace tollgate::journal {

Result<bool> start_anew_if_restored(postgres::Connection& connection) {
    return transact(connection, [](postgres::Transaction& tx) {
        return tx.execute("select journal.start_anew()").only().get<bool>(0);
    });
}

}  // namespace tollgate::journal
