// What is known of events besides their bytes: for who has those already.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/rows.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::archive {

// Empty text is what the event does not have.
struct EventFacts {
    Uuid id;
    Uuid tenant;
    std::string source;  // its slug
    std::string provider;
    std::string type;
    std::string provider_event_id;
    std::optional<Timestamp> provider_time;
    std::string subject;
    std::string ordering_key;
    std::string content_type;
    std::string traceparent;
    std::string account;
    std::string mode;
    std::string proof;
};

// Of a row of these columns.
inline constexpr std::string_view event_fact_columns =
    "id, tenant, source, provider, type, provider_event_id, provider_time, subject, ordering_key, "
    "content_type, traceparent, account, mode, proof";
EventFacts event_facts_in(const postgres::Row& row);

// In any order, without those that are not there. Throws SqlError, as a statement does.
std::vector<EventFacts> read_event_facts(postgres::Transaction& transaction, std::span<const Uuid> ids);

}  // namespace tollgate::archive
