// The sealing keys, and whether they open every secret that is in use.
#include <array>

#include "enrichment/directories.hpp"
#include "tenants/destination_rows.hpp"
#include "tenants/secret_rows.hpp"
#include "tollgate/examination.hpp"

namespace tollgate {

namespace {

using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

constexpr const char* about = "keys";

// Each is id columns, the key's id and what is sealed.
struct Sealed {
    const char* role;
    const char* what;
    const char* question;
    std::string (*context)(const Row& row);
};

constexpr auto places = std::to_array<Sealed>({
    {.role = "tollgate_ingress",
     .what = "secrets of sources",
     .question = "select key_id, sealed, tenant, source, secret from tenants.secret "
                 "where retired_at is null and (valid_until is null or valid_until > clock_timestamp())",
     .context =
         [](const Row& row) {
             return tenants::seal_context(row.get<Uuid>(2), row.get<Uuid>(3), row.get<Uuid>(4));
         }},
    {.role = "tollgate_delivery",
     .what = "secrets of destinations",
     .question = "select key_id, sealed, tenant, destination from tenants.destination "
                 "where disabled_at is null",
     .context =
         [](const Row& row) {
             return tenants::destination_seal_context(row.get<Uuid>(2), row.get<Uuid>(3));
         }},
    {.role = "tollgate_enrichment",
     .what = "tokens of directories",
     .question = "select key_id, sealed_token, tenant, provider from enrichment.directory "
                 "where off_at is null and sealed_token is not null",
     .context =
         [](const Row& row) {
             return enrichment::directory_seal_context(row.get<Uuid>(2), row.get<std::string>(3));
         }},
});

struct Opened {
    std::int64_t all = 0;
    std::int64_t by_older_key = 0;
    std::int64_t not_opened = 0;
    std::string why;
};

Result<Opened> open_all(const Examined& examined, const crypto::Keyring& keyring, const Sealed& place) {
    auto connection = Connection::open(examined.as(place.role));
    if (!connection) return std::unexpected{connection.error()};
    return postgres::transact(*connection, [&](Transaction& tx) -> Result<Opened> {
        Opened opened;
        for (const Row row : tx.execute(place.question)) {
            ++opened.all;
            if (row.get<std::string_view>(0) != keyring.sealing_key_id()) ++opened.by_older_key;
            if (const auto one = keyring.open(row.get<std::string_view>(1), place.context(row)); !one) {
                ++opened.not_opened;
                opened.why = one.error().detail;
            }
        }
        return opened;
    });
}

}  // namespace

void examine_keys(const Examined& examined, Findings& findings) {
    const auto keyring = examined.seal.load();
    if (!keyring) {
        findings.failed(
            about, keyring.error(),
            "give the services' own file in TOLLGATE_SEAL_KEYS_FILE, readable to its owner alone; "
            "no other opens what is sealed");
        return;
    }
    for (const Sealed& place : places) {
        const auto opened = open_all(examined, *keyring, place);
        if (!opened) {
            findings.failed(about, opened.error());
            continue;
        }
        if (opened->not_opened > 0) {
            findings.bad(about,
                         fmt::format("{} of {} {} cannot be opened: {}", opened->not_opened, opened->all,
                                     place.what, opened->why),
                         "put the key that sealed them back into the file of seal.keys_file, on a line below "
                         "the first");
        } else if (opened->by_older_key > 0) {
            findings.weak(about,
                          fmt::format("{} of {} {} are sealed with an older key", opened->by_older_key,
                                      opened->all, place.what),
                          "tollgate secret reseal; then the older key may go");
        } else {
            findings.good(about, fmt::format("{} {} open with key {}", opened->all, place.what,
                                             keyring->sealing_key_id()));
        }
    }
}

}  // namespace tollgate
