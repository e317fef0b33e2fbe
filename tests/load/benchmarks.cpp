#include "load/benchmarks.hpp"

#include <array>

namespace tollgate::load {

namespace {

constexpr std::array table{
    Benchmark{"hmac", "HMAC-SHA256 with a prepared key against OpenSSL's one-shot function", {}, &hmac},
    Benchmark{"postgres",
              "Rows sent to Postgres as binary arrays against text arrays",
              {.postgres = true},
              &postgres},
    Benchmark{"journal",
              "Reading the journal against draining a queue; what waiting for entries takes",
              {.postgres = true},
              &journal},
    Benchmark{"ingress",
              "Webhooks accepted against pgbench writing the same rows; --seconds and --rows make it shorter",
              {.postgres = true, .ingress = true},
              &ingress},
    Benchmark{"registry",
              "Ten thousand sources read, a change of one seen, one found against a query",
              {.postgres = true},
              &registry},
    Benchmark{"relay",
              "The journal put onto a topic, against a bare producer and against claiming rows; --rows and "
              "--seconds make it shorter",
              {.postgres = true, .kafka = true, .relay = true},
              &relay},
    Benchmark{
        "consumer",
        "A consumer's runtime on both buses, against a bare consumer and pgbench; --rows and --seconds make "
        "it shorter",
        {.postgres = true, .kafka = true},
        &consumer},
    Benchmark{
        "replay",
        "Dead letters replayed at a rate and at full speed, paused, grouped; the story of an event among "
        "20 million; --rows makes it shorter",
        {.postgres = true},
        &replay},
    Benchmark{
        "billing",
        "From raw events to the ledger, against the runtime with a row for each; what looking companies up "
        "adds; --rows makes it shorter",
        {.postgres = true},
        &billing},
    Benchmark{
        "delivery",
        "Fifty channels, five of them bad, against the same without the five; --seconds makes it shorter",
        {.postgres = true, .delivery = true},
        &delivery},
    Benchmark{"providers",
              "Each provider's requests verified and identified, against the HMAC of as many bytes",
              {},
              &providers},
    Benchmark{
        "end-to-end",
        "From the webhook to the call of Slack, in both ways of running it, and what it takes when idle; "
        "--seconds makes it shorter",
        {.postgres = true, .kafka = true, .product = true},
        &end_to_end},
};

}  // namespace

std::span<const Benchmark> benchmarks() {
    return table;
}

}  // namespace tollgate::load
