#include "telemetry/log.hpp"
#include "tenants/audit.hpp"
#include "tenants/secret_rows.hpp"

namespace tollgate::tenants {

namespace log = telemetry::log;
using postgres::Bytes;
using postgres::Row;
using postgres::Transaction;

Result<ResealStep> reseal_secrets(Transaction& tx, const Actor& actor, const crypto::Keyring& keyring,
                                  const std::optional<ResealStep::Place>& after, std::int64_t limit,
                                  std::string_view reason) {
    if (const auto admitted = admit_to_platform(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    const ResealStep::Place from = after.value_or(ResealStep::Place{});
    // Retired ones too: only then may the old key go.
    const auto rows = tx.execute(
        "select tenant, source, secret, sealed from tenants.secret "
        "where key_id <> $1 and (tenant, source, secret) > ($2, $3, $4) "
        "order by tenant, source, secret limit $5 for no key update",
        keyring.sealing_key_id(), from.tenant, from.source, from.secret, limit);
    ResealStep step;
    for (const Row row : rows) {
        const auto [tenant, source, secret, sealed] = row.as<Uuid, Uuid, Uuid, std::string_view>();
        step.last = {.tenant = tenant, .source = source, .secret = secret};
        const std::string context = seal_context(tenant, source, secret);
        const auto opened = keyring.open(sealed, context);
        if (!opened) {
            log::error("a secret cannot be opened, and stays as it is",
                       {{"tenant", tenant}, {"row", secret}, {"error", opened.error()}});
            step.not_opened.push_back(secret);
            continue;
        }
        const std::string anew = keyring.seal(*opened, context);
        tx.execute(
            "update tenants.secret set sealed = $4, key_id = $5 where tenant = $1 and source = $2 and secret "
            "= $3",
            tenant, source, secret, Bytes{anew}, keyring.sealing_key_id());
        ++step.resealed;
    }
    if (step.last) {
        record(tx, actor,
               {.verb = "secret reseal",
                .arguments = {{"key_id", keyring.sealing_key_id()}},
                .result = {{"resealed", step.resealed}, {"not_opened", step.not_opened.size()}},
                .reason = reason});
    }
    return step;
}

}  // namespace tollgate::tenants
