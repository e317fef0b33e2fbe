#include "providers/chargify/chargify.hpp"

#include "core/money.hpp"
#include "providers/samples.hpp"
#include "providers/settings_reader.hpp"

namespace tollgate::providers::chargify {

namespace {

Result<std::shared_ptr<const Trust>> make_trust(std::string_view settings,
                                                std::span<const SourceSecret> secrets) {
    auto reader = SettingsReader::parse(settings);
    if (!reader) return std::unexpected{reader.error()};
    auto account = reader->text("account");
    if (const auto currency = reader->text("currency"); currency && !Currency::parse(*currency)) {
        reader->wrong("currency", "must be a code of ISO 4217 such as USD");
    }
    const bool accept_md5 = reader->boolean("accept_md5", false);
    if (const auto read = reader->finish(); !read) return std::unexpected{read.error()};
    auto prepared = HmacSecrets::make(crypto::HmacHash::sha256, secrets);
    if (!prepared) return std::unexpected{prepared.error()};
    auto trust = std::make_shared<ChargifyTrust>(*std::move(prepared));
    trust->account = std::move(account);
    if (accept_md5) trust->md5_secrets.assign(secrets.begin(), secrets.end());
    return trust;
}

}  // namespace

const Provider& provider() {
    static const std::vector<Sample> samples = samples_of(sample_files());
    static const Provider row{.name = "chargify",
                              .title = "Chargify (Maxio Advanced Billing)",
                              .keys_live = std::nullopt,
                              .unique_ids = UniqueIds::everywhere,
                              .make_trust = make_trust,
                              .verify = verify,
                              .identify = identify,
                              .normalise = normalise,
                              .make_secret = make_secret,
                              .deliver = deliver,
                              .samples = samples};
    return row;
}

}  // namespace tollgate::providers::chargify
