// A consumer's runtime that reads what waits for it, in this process.
#pragma once

#include <cstdint>
#include <string>

#include "consumer/bus.hpp"
#include "consumer/handler.hpp"
#include "load/database.hpp"

namespace tollgate::load {

enum class Effect { none, row_per_message };

inline constexpr const char* drain_role = "tollgate_enrichment";

struct DrainSettings {
    std::string consumer;           // registered
    std::string role = drain_role;  // that has registered it
    std::string topic = "raw";
    consumer::Bus bus = consumer::Bus::journal;
    std::string topic_prefix;
    Effect effect = Effect::none;
    consumer::Handler* handler = nullptr;  // a service's, instead of an effect
    std::uint64_t events = 0;              // that wait
};

struct Drain {
    double seconds = 0;           // from its first batch until the commit of its last
    double handling_seconds = 0;  // of these, in the handler
    std::uint64_t batches = 0;
    double cpu_seconds = 0;  // of this process from start to end
};

// Makes the table that its rows are written to, by those who may consume: load.effect.
void make_effect_table(postgres::Connection& owner);

Drain drain(const Surroundings& surroundings, const DrainSettings& settings);

}  // namespace tollgate::load
