#include "telemetry/log.hpp"
#include "tenants/audit.hpp"
#include "tenants/destination_rows.hpp"
#include "tenants/secret_rows.hpp"

namespace tollgate::tenants {

namespace log = telemetry::log;
using postgres::Bytes;
using postgres::Row;
using postgres::Rows;
using postgres::Transaction;

namespace {

using Place = ResealStep::Place;

// A table with sealed values, each at its place.
struct SealedTable {
    Rows (*not_yet)(Transaction& tx, const std::string& key_id, const Place& after, std::int64_t limit);
    std::string (*context)(const Place& at);
    void (*write)(Transaction& tx, const Place& at, const std::string& sealed, const std::string& key_id);
};

// Retired and disabled ones too: only then may the old key go.
constexpr SealedTable of_sources{
    .not_yet =
        [](Transaction& tx, const std::string& key_id, const Place& after, std::int64_t limit) {
            return tx.execute(
                "select tenant, source, secret, sealed from tenants.secret "
                "where key_id <> $1 and (tenant, source, secret) > ($2, $3, $4) "
                "order by tenant, source, secret limit $5 for no key update",
                key_id, after.tenant, after.of, after.secret, limit);
        },
    .context = [](const Place& at) { return seal_context(at.tenant, at.of, at.secret); },
    .write =
        [](Transaction& tx, const Place& at, const std::string& sealed, const std::string& key_id) {
            tx.execute(
                "update tenants.secret set sealed = $4, key_id = $5 "
                "where tenant = $1 and source = $2 and secret = $3",
                at.tenant, at.of, at.secret, Bytes{sealed}, key_id);
        }};

// A destination has one, which is called as the destination is.
constexpr SealedTable of_destinations{
    .not_yet =
        [](Transaction& tx, const std::string& key_id, const Place& after, std::int64_t limit) {
            return tx.execute(
                "select tenant, destination, destination, sealed from tenants.destination "
                "where key_id <> $1 and (tenant, destination) > ($2, $3) "
                "order by tenant, destination limit $4 for no key update",
                key_id, after.tenant, after.of, limit);
        },
    .context = [](const Place& at) { return destination_seal_context(at.tenant, at.of); },
    .write =
        [](Transaction& tx, const Place& at, const std::string& sealed, const std::string& key_id) {
            tx.execute(
                "update tenants.destination set sealed = $3, key_id = $4 "
                "where tenant = $1 and destination = $2",
                at.tenant, at.of, Bytes{sealed}, key_id);
        }};

void reseal(Transaction& tx, const crypto::Keyring& keyring, const SealedTable& table, const Place& from,
            std::int64_t limit, ResealStep& step) {
    for (const Row row : table.not_yet(tx, keyring.sealing_key_id(), from, limit)) {
        Place at = from;
        at.tenant = row.get<Uuid>(0);
        at.of = row.get<Uuid>(1);
        at.secret = row.get<Uuid>(2);
        step.last = at;
        const std::string context = table.context(at);
        const auto opened = keyring.open(row.get<std::string_view>(3), context);
        if (!opened) {
            log::error("a secret cannot be opened, and stays as it is",
                       {{"tenant", at.tenant}, {"row", at.secret}, {"error", opened.error()}});
            step.not_opened.push_back(at.secret);
            continue;
        }
        table.write(tx, at, keyring.seal(*opened, context), keyring.sealing_key_id());
        ++step.resealed;
    }
}

}  // namespace

Result<ResealStep> reseal_secrets(Transaction& tx, const Actor& actor, const crypto::Keyring& keyring,
                                  const std::optional<Place>& after, std::int64_t limit,
                                  std::string_view reason) {
    if (const auto admitted = admit_to_platform(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    const Place from = after.value_or(Place{});
    ResealStep step;
    if (!from.of_destination) reseal(tx, keyring, of_sources, from, limit, step);
    const std::int64_t left = limit - step.resealed - std::ssize(step.not_opened);
    const Place begin{.of_destination = true};
    if (left > 0) reseal(tx, keyring, of_destinations, from.of_destination ? from : begin, left, step);
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
