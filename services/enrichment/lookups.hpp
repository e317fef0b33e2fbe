// Look-ups at other systems before a batch: companies by domain, payers in tenants' directories. What they
// say is stored, and the batch that follows reads it there. Whoever is slow or fails delays a batch by no
// more than the time to wait, and after a few failures not at all for a while.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "consumer/handler.hpp"
#include "consumer/line.hpp"
#include "crypto/keyring.hpp"
#include "enrichment/calls.hpp"
#include "enrichment/companies.hpp"
#include "enrichment/references.hpp"

namespace tollgate::enrichment {

struct LookupSettings {
    postgres::ConnectionSettings connection;
    Secret brandfetch_key{};  // empty: companies are not looked up
    std::string brandfetch_url{enrichment::brandfetch_url};
    std::optional<crypto::Keyring> keyring{};  // that opens directories' tokens
    // Directories are where tenants say. Without this only at public addresses, and with TLS.
    bool private_directories = false;
    std::chrono::milliseconds wait{1500};
    CallLimits limits{};
};

class Lookups {
public:
    // An error if there are no certificates to trust.
    static Result<std::unique_ptr<Lookups>> make(LookupSettings settings, telemetry::Metrics& metrics);

    // Until this time at the latest. What failed is no error: it is looked up again later.
    Result<void> look_up(std::span<const consumer::Task> batch, std::chrono::steady_clock::time_point end);
    bool finds_companies() const { return !settings_.brandfetch_key.empty(); }

private:
    Lookups(LookupSettings settings, http::Client for_companies, http::Client for_payers,
            telemetry::Metrics& metrics);

    struct Wanted {
        std::vector<Call> companies;
        std::vector<Call> payers;
    };
    Wanted want(postgres::Transaction& tx, std::span<const consumer::Task> batch);
    void keep(postgres::Transaction& tx, std::span<const Answer> companies, std::span<const Answer> payers);

    const LookupSettings settings_;
    const LookupMetrics of_companies_;
    const LookupMetrics of_payers_;
    telemetry::Counter& companies_known_;  // without a call
    consumer::Line line_;
    // Who is being asked for, by peer and key.
    std::map<std::pair<std::string, std::string>, Payer> asked_;
    Calls companies_;
    Calls directories_;
};

}  // namespace tollgate::enrichment
