// Stories as they are kept: what a destination has been told so far of a subscription, an invoice, a dispute.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct KnownStory {
    std::int32_t told = 0;
    std::string began;
    std::int32_t priority = 4;
    std::optional<Timestamp> happened{};
    std::int64_t version = 0;
    std::string channel;  // empty where nothing can be added to what was said
    std::string ts;
    bool is_fixed = false;
};

// What a message that arrived has made of its story.
struct StoryTold {
    std::string kind;
    std::string id;
    bool is_first = false;  // it is what others reply to from now on
    std::string began;
    std::int32_t priority = 4;
    std::optional<Timestamp> happened{};
    std::int64_t version = 0;
    bool changes_first = false;  // the first message is to say what this one does
};

struct Posted {
    Uuid tenant;
    Uuid destination;
    Uuid delivery;
    std::string channel;
    std::string ts;
};

struct Told {
    Posted posted;
    StoryTold story;
};

// In the order in which they arrived. The lanes of their destinations are locked by who calls it.
void note(postgres::Transaction& tx, std::span<const Told> told);
// Its first message cannot be changed any more.
void fix(postgres::Transaction& tx, const Posted& posted);

}  // namespace tollgate::delivery
