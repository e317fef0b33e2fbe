// What is stored of a raw event besides its bytes, and of the source that it came from.
#pragma once

#include <span>
#include <string>
#include <unordered_map>

#include "archive/event_facts.hpp"
#include "consumer/handler.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

struct KnownEvent {
    archive::EventFacts facts;
    std::string settings;  // of its source: a JSON object, or empty
};

// Of the tasks' events, by id; without those that are not stored any more. Throws SqlError.
std::unordered_map<Uuid, KnownEvent> read_known(postgres::Transaction& tx,
                                                std::span<const consumer::Task> tasks);

}  // namespace tollgate::enrichment
