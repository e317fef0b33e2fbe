// What a member has under way, put down before it begins, so that whoever takes over after a crash knows
// which messages may have caused it. Of the stream; a row of consumer.work says it of itself.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "consumer/work.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// How many processes must have ended on a message that was the only one they ran, before it is condemned.
inline constexpr std::int32_t crashes_max = 3;

// `crashes` have ended on it so far, if it is alone. Committed without waiting for the disk: it is there when
// this process ends, and not when the server does.
Result<void> begin_with(postgres::Connection& connection, const Worker& worker, std::span<const Uuid> ids,
                        std::int32_t crashes);
// In the transaction of the work. Throws SqlError.
void end_of_begun(postgres::Transaction& tx, const Worker& worker);

// This member is alive: what it holds is no crash's.
Result<void> tell_alive(postgres::Connection& connection, const Worker& worker);
// Nothing is under way any more, neither of the stream nor of rows: an end in order, or a failure that is
// nobody's fault, is no crash.
Result<void> rest(postgres::Connection& connection, const Worker& worker);

// What another member has begun with and not ended.
struct LeftOpenMessage {
    std::int32_t crashes = 0;  // how many processes have ended on it alone, if that member has ended too
    // That member has said so not long ago: it may be at work yet, slow or without what it reads from.
    bool may_be_alive = false;
};
using LeftOpen = std::unordered_map<Uuid, LeftOpenMessage>;
// `silence`: who has said nothing for so long is not alive.
Result<LeftOpen> left_open(postgres::Connection& connection, const Worker& worker,
                           std::chrono::milliseconds silence);

}  // namespace tollgate::consumer
