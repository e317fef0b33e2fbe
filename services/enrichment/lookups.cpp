#include "enrichment/lookups.hpp"

#include <algorithm>
#include <set>

#include "consumer/erased.hpp"
#include "enrichment/directory_calls.hpp"
#include "enrichment/domains.hpp"
#include "enrichment/erased.hpp"
#include "enrichment/reading.hpp"
#include "postgres/columns.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Transaction;

// Beyond what a batch waits for it: who is slow is heard by the next one.
constexpr int timeout_in_waits = 4;
constexpr std::size_t asked_max = 10'000;

// Where the deployment itself says who is asked, it may be anywhere; the address that is built in is public.
http::ClientSettings of_brandfetch(const LookupSettings& settings) {
    if (settings.brandfetch_url == brandfetch_url) return {};
    return {.addresses = http::any_address, .plain_http = [](std::string_view) { return true; }};
}

http::ClientSettings of_directories(const LookupSettings& settings) {
    if (!settings.private_directories) return {};
    return {.addresses = http::any_address, .plain_http = [](std::string_view) { return true; }};
}

// Who was erased while the directory was asked for them.
void drop_erased(Transaction& tx, std::vector<DirectoryAnswer>& answers) {
    const auto events =
        postgres::column(answers, [](const DirectoryAnswer& each) { return each.payer.event; });
    const auto pseudonyms = consumer::read_pseudonyms(tx, events, [&](std::size_t i) {
        const Payer& payer = answers[i].payer;
        return consumer::NamingEvent{.id = payer.event,
                                     .tenant = payer.tenant,
                                     .provider = payer.provider,
                                     .realm = payer.realm,
                                     .customer = payer.customer};
    });
    std::vector<DirectoryAnswer> kept;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!pseudonyms[i]) kept.push_back(std::move(answers[i]));
    }
    answers = std::move(kept);
}

}  // namespace

Result<std::unique_ptr<Lookups>> Lookups::make(LookupSettings settings, telemetry::Metrics& metrics) {
    auto for_companies = http::Client::make(of_brandfetch(settings));
    if (!for_companies) return std::unexpected{for_companies.error()};
    auto for_payers = http::Client::make(of_directories(settings));
    if (!for_payers) return std::unexpected{for_payers.error()};
    return std::unique_ptr<Lookups>{
        new Lookups{std::move(settings), std::move(*for_companies), std::move(*for_payers), metrics}};
}

Lookups::Lookups(LookupSettings settings, http::Client for_companies, http::Client for_payers,
                 telemetry::Metrics& metrics)
    : settings_{std::move(settings)},
      of_companies_{metrics, "company"},
      of_payers_{metrics, "payer"},
      companies_known_{lookups_by_outcome(metrics, "company", "known")},
      line_{settings_.connection},
      companies_{std::move(for_companies), settings_.limits, of_companies_},
      directories_{std::move(for_payers), settings_.limits, of_payers_} {}

Result<void> Lookups::look_up(std::span<const consumer::Task> batch,
                              std::chrono::steady_clock::time_point end) {
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    // What came too late for the last batch is known to this one.
    const auto late_companies = companies_.take();
    const auto late_payers = directories_.take();
    auto wanted = transact(**line, [&](Transaction& tx) {
        keep(tx, late_companies, late_payers);
        return want(tx, batch);
    });
    if (!wanted) return std::unexpected{wanted.error()};
    end = std::min(end, std::chrono::steady_clock::now() + settings_.wait);
    directories_.start(std::move(wanted->payers));
    companies_.start(std::move(wanted->companies));
    const auto payers = directories_.collect(end);
    const auto companies = companies_.collect(end);
    if (payers.empty() && companies.empty()) return {};
    return transact(**line, [&](Transaction& tx) { keep(tx, companies, payers); });
}

Lookups::Wanted Lookups::want(Transaction& tx, std::span<const consumer::Task> batch) {
    if (!finds_companies() && !may_ask_directories(tx)) return {};
    const auto known = read_known(tx, batch);
    std::vector<ReadEvent> events;
    for (const consumer::Task& task : batch) {
        if (auto event = read_event(task, known)) events.push_back(std::move(*event));
    }
    std::vector<ReadEvent*> all;
    all.reserve(events.size());
    for (ReadEvent& event : events) all.push_back(&event);
    forget_erased(tx, all);
    std::vector<Payer> payers;
    std::vector<std::string> domains;
    for (const ReadEvent& event : events) {
        if (event.is_erased) continue;
        payers.push_back(payer_of(event));
        if (!finds_companies()) continue;
        if (auto domain = company_domain(event.payment.customer().email()))
            domains.push_back(std::move(*domain));
    }
    Wanted wanted;
    const auto timeout = settings_.wait * timeout_in_waits;
    for (const PayerToAsk& each :
         payers_to_ask(tx, payers, settings_.keyring ? &*settings_.keyring : nullptr)) {
        wanted.payers.push_back(ask_directory(each, timeout));
        if (asked_.size() >= asked_max) asked_.clear();
        asked_.insert_or_assign({wanted.payers.back().peer, wanted.payers.back().key}, each.payer);
    }
    const std::vector<std::string> unknown = unknown_domains(tx, domains);
    companies_known_.Increment(
        static_cast<double>(std::set<std::string>(domains.begin(), domains.end()).size() - unknown.size()));
    for (const std::string& domain : unknown)
        wanted.companies.push_back(
            ask_brandfetch(settings_.brandfetch_url, settings_.brandfetch_key, domain, timeout));
    return wanted;
}

void Lookups::keep(Transaction& tx, std::span<const Answer> companies, std::span<const Answer> payers) {
    std::vector<DomainAnswer> of_domains;
    of_domains.reserve(companies.size());
    for (const Answer& answer : companies)
        of_domains.push_back({.domain = answer.key, .looked_up = read_brandfetch(answer)});
    keep_companies(tx, of_domains);
    std::vector<DirectoryAnswer> of_payers;
    for (const Answer& answer : payers) {
        const auto asked = asked_.find({answer.peer, answer.key});
        if (asked == asked_.end()) continue;
        if (auto said = read_directory(asked->second, answer)) of_payers.push_back(std::move(*said));
        asked_.erase(asked);
    }
    drop_erased(tx, of_payers);
    keep_references(tx, of_payers);
}

}  // namespace tollgate::enrichment
