// Enrichment as a process, between raw events that are put as ingress does and who reads payment events, on
// either bus.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consumer/journal_subscription.hpp"
#include "events/payment_event.hpp"
#include "integration/relay/fixtures.hpp"
#include "journal/keeper.hpp"

namespace tollgate::test {

postgres::Schemas enrichment_schemas();

// Of one of the provider's samples, or of this body.
archive::Event raw_event(const std::string& type, const std::string& body,
                         const std::string& provider = "stripe");
archive::Event sample_event(const std::string& type, const std::string& provider = "stripe");

class EnrichmentProcess {
public:
    explicit EnrichmentProcess(const ChildProcess::Environment& environment);
    // Within a time in which any process is.
    bool becomes_ready() const;
    std::string log() const { return process_.err(); }
    std::string metrics() const;

private:
    std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

class EnrichmentWorld {
public:
    explicit EnrichmentWorld(consumer::Bus bus);
    virtual ~EnrichmentWorld() = default;

    Pipeline& pipeline() { return pipeline_; }
    // Once it runs.
    std::unique_ptr<EnrichmentProcess> start(const ChildProcess::Environment& more = {});
    // Has an operator order that enrichment does these over.
    void redo(const std::vector<Uuid>& ids);

    // What is stored of an event, if anything is.
    std::optional<events::PaymentEvent> payment(const Uuid& id);
    std::int64_t count(const std::string& of);
    // "dead: reason"
    std::vector<std::string> work();
    // Payment events as a consumer of theirs gets them, copies included, until one of each of so many came.
    virtual std::vector<consumer::Message> payments(std::size_t events) = 0;

private:
    Pipeline pipeline_;
    bool by_kafka_;
};

class EnrichmentByJournal final : public EnrichmentWorld {
public:
    EnrichmentByJournal();
    std::vector<consumer::Message> payments(std::size_t events) override;

private:
    telemetry::Metrics metrics_;
    journal::Keeper keeper_;
    consumer::JournalSubscription subscription_;
    std::vector<consumer::Message> taken_;
};

class EnrichmentByKafka final : public EnrichmentWorld {
public:
    EnrichmentByKafka();
    std::vector<consumer::Message> payments(std::size_t events) override;

private:
    RelayProcess relay_;
};

bool comes_true(const std::function<bool()>& condition);

}  // namespace tollgate::test
