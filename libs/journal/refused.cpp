#include "journal/refused.hpp"

#include <optional>

namespace tollgate::journal {

void set_aside(postgres::Transaction& transaction, const ReaderIdentity& reader, const Refusal& refusal) {
    const Entry& entry = refusal.entry;
    const auto headers = entry.headers ? std::optional{postgres::Json{*entry.headers}} : std::nullopt;
    transaction.execute("select journal.set_aside($1, $2, $3, $4, $5, $6, $7, $8)", reader.name,
                        reader.holder, reader.epoch, entry.tenant, entry.topic, entry.event_id, headers,
                        refusal.reason);
}

}  // namespace tollgate::journal
