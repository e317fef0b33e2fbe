#include "enrichment/directory_calls.hpp"

#include <array>

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "archive/payment_reading.hpp"
#include "enrichment/directories.hpp"
#include "postgres/columns.hpp"
#include "providers/json.hpp"
#include "telemetry/log.hpp"

namespace tollgate::enrichment {

namespace {

namespace log = telemetry::log;
using postgres::column;

constexpr std::size_t body_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t reference_bytes_max = 200;
// In which the payer's reference may stand.
constexpr std::array<std::string_view, 2> fields{"/school_student_id", "/reference"};

constexpr std::string_view select_to_ask =
    "select distinct on (w.tenant, w.provider, w.customer, w.realm) w.place, d.url, d.sealed_token "
    "from unnest($1, $2, $3, $4) with ordinality w(tenant, provider, customer, realm, place) "
    "join enrichment.directory d on d.tenant = w.tenant and d.provider = w.provider and d.off_at is null "
    "  and d.url is not null "
    "left join enrichment.reference r on r.tenant = w.tenant and r.provider = w.provider "
    "  and r.customer = w.customer and r.realm = w.realm "
    "where w.customer <> '' and r.reference is null "
    "  and (r.told_by is null or r.changed_at < clock_timestamp() - interval '1 minute')";

constexpr std::string_view insert_references =
    "insert into enrichment.reference as r (tenant, provider, customer, realm, reference, told_by) "
    "select distinct on (tenant, provider, customer, realm) "
    "    tenant, provider, customer, realm, reference, 'directory' "
    "from unnest($1, $2, $3, $4, $5) e(tenant, provider, customer, realm, reference) "
    "order by 1, 2, 3, 4, 5 "
    "on conflict (tenant, provider, customer, realm) do update set reference = excluded.reference, "
    "told_by = excluded.told_by, changed_at = clock_timestamp() where r.told_by is distinct from 'operator'";

std::string filled(std::string url, std::string_view placeholder, const std::string& id) {
    const std::string encoded = boost::urls::encode(id, boost::urls::unreserved_chars);
    for (std::size_t at = url.find(placeholder); at != std::string::npos;
         at = url.find(placeholder, at + encoded.size()))
        url.replace(at, placeholder.size(), encoded);
    return url;
}

// An error if there is one that cannot be opened.
Result<std::optional<Secret>> token_of(const std::optional<std::string>& sealed, const Payer& payer,
                                       const crypto::Keyring* keyring) {
    if (!sealed) return std::nullopt;
    if (keyring == nullptr)
        return fail(ErrorCode::misconfigured, "its token is sealed, and no sealing keys are given");
    auto token = keyring->open(*sealed, directory_seal_context(payer.tenant, payer.provider));
    if (!token) return std::unexpected{token.error()};
    return std::optional{std::move(*token)};
}

}  // namespace

bool may_ask_directories(postgres::Transaction& tx) {
    constexpr std::string_view is_any =
        "select exists (select from enrichment.directory where url is not null and off_at is null)";
    return tx.execute(is_any).only().get<bool>(0);
}

std::vector<PayerToAsk> payers_to_ask(postgres::Transaction& tx, std::span<const Payer> payers,
                                      const crypto::Keyring* keyring) {
    std::vector<PayerToAsk> wanted;
    if (payers.empty()) return wanted;
    for (const auto row :
         tx.execute(select_to_ask, column(payers, [](const Payer& payer) { return payer.tenant; }),
                    column(payers, [](const Payer& payer) { return std::string_view{payer.provider}; }),
                    column(payers, [](const Payer& payer) { return std::string_view{payer.customer}; }),
                    column(payers, [](const Payer& payer) { return std::string_view{payer.realm}; }))) {
        const Payer& payer = payers[static_cast<std::size_t>(row.get<std::int64_t>(0) - 1)];
        auto token = token_of(row.get<std::optional<std::string>>(2), payer, keyring);
        if (!token) {
            log::warning("a directory is not asked",
                         {{"tenant", payer.tenant}, {"provider", payer.provider}, {"error", token.error()}});
            continue;
        }
        wanted.push_back({.payer = payer, .url = row.get<std::string>(1), .token = std::move(*token)});
    }
    return wanted;
}

Call ask_directory(const PayerToAsk& wanted, std::chrono::milliseconds timeout) {
    const Payer& payer = wanted.payer;
    Call call{.peer = fmt::format("directory of {}/{}", payer.tenant, payer.provider),
              .key = payer.realm + "/" + payer.customer,
              .request = {}};
    call.request.url = filled(filled(wanted.url, "{id}", payer.customer), "{within}", payer.realm);
    if (wanted.token) call.request.headers.add("Authorization", "Bearer " + wanted.token->reveal());
    call.request.headers.add("Accept", "application/json");
    call.request.timeout = timeout;
    call.request.body_bytes_max = body_bytes_max;
    return call;
}

std::optional<DirectoryAnswer> read_directory(const Payer& payer, const Answer& answer) {
    constexpr int ok = 200;
    constexpr int not_found = 404;
    if (!answer.response) return std::nullopt;
    if (answer.response->status == not_found) return DirectoryAnswer{.payer = payer, .reference = {}};
    if (answer.response->status != ok) return std::nullopt;
    const auto json = providers::Json::parse(answer.response->body);
    if (json) {
        providers::JsonFields reading{*json};
        for (const std::string_view field : fields) {
            auto reference = reading.label(field);
            if (!reference || reference->size() > reference_bytes_max) continue;
            return DirectoryAnswer{.payer = payer,
                                   .reference = archive::without_zeros(std::move(*reference))};
        }
    }
    log::warning("a directory's answer has no school_student_id in it, nor a reference",
                 {{"tenant", payer.tenant}, {"provider", payer.provider}});
    return std::nullopt;
}

void keep_references(postgres::Transaction& tx, std::span<const DirectoryAnswer> answers) {
    if (answers.empty()) return;
    tx.execute(insert_references, column(answers, [](const auto& each) { return each.payer.tenant; }),
               column(answers, [](const auto& each) { return std::string_view{each.payer.provider}; }),
               column(answers, [](const auto& each) { return std::string_view{each.payer.customer}; }),
               column(answers, [](const auto& each) { return std::string_view{each.payer.realm}; }),
               column(answers, [](const auto& each) { return each.reference; }));
}

}  // namespace tollgate::enrichment
