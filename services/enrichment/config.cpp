#include "enrichment/config.hpp"

#include "enrichment/handler.hpp"

namespace tollgate::enrichment {

void Config::declare(process::Settings& settings) {
    settings.add("lookups.wait", lookups.wait, "what a batch waits at most for other systems",
                 std::chrono::milliseconds{10}, std::chrono::seconds{5});
    settings.add("brandfetch.key", lookups.brandfetch_key,
                 "of Brandfetch's Brand API: companies are looked up by the domain of e-mail addresses");
    settings.add("brandfetch.url", lookups.brandfetch_url, "where it is; the domain is put behind it");
    settings.add("directories.private", lookups.private_directories,
                 "tenants' directories may be at private addresses, and without TLS");
    settings.add("upkeep.every", upkeep.every, "between two looks at what is too old");
    settings.add("upkeep.rank_every", upkeep.rank_every,
                 "how often it is reckoned where a tenant's customers stand by what they paid");
}

Result<std::unique_ptr<consumer::Handler>> make_handler(const Config& config,
                                                        const postgres::ConnectionSettings& connection,
                                                        telemetry::Metrics& metrics) {
    LookupSettings settings = config.lookups;
    settings.connection = connection;
    settings.connection.finds_by_index = true;
    if (!config.seal.keys_file.empty()) {
        auto keyring = config.seal.load();
        if (!keyring) return std::unexpected{keyring.error()};
        settings.keyring = std::move(*keyring);
    }
    auto lookups = Lookups::make(std::move(settings), metrics);
    if (!lookups) return std::unexpected{lookups.error()};
    return std::make_unique<EnrichmentHandler>(std::move(*lookups),
                                               std::make_unique<Upkeep>(connection, config.upkeep));
}

}  // namespace tollgate::enrichment
