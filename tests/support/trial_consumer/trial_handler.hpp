// A handler that does what the messages say. A body is a number, what goes wrong with it, and how many times
// (else always):
//
// - "7": an effect, a row (event, "7") in public.effect. All below write it too, before they fail.
// - "7 reject", "7 throw 2", "7 nonsense": rejected; throws twice, then is done; gives too few outcomes.
// - "7 retry 1", "7 hold": asks for a retry once; is held. Neither writes the effect before.
// - "7 data", "7 commit": divides by zero; breaks a constraint that is checked at the commit.
// - "7 raise", "7 swallow": a function in the database refuses; goes on after a statement that failed.
// - "7 unprepared": throws in `prepare`.
// - "7 crash", "7 hang": ends the process; never returns. "7 crash_later": asks for a retry, then crashes.
// - "7 locked": fails like a server that is going down, while there is a row in public.shut.
#pragma once

#include <functional>
#include <string>

#include "consumer/handler.hpp"
#include "postgres/connection.hpp"

namespace tollgate::test {

class TrialHandler final : public consumer::Handler {
public:
    // The tables that it writes to, beside those of a member.
    static void create_tables(postgres::Connection& owner, const std::string& role);

    bool prepares() const override { return true; }
    Result<void> prepare(std::span<const consumer::Task> batch,
                         std::chrono::steady_clock::time_point end) override;
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override;

    // Called with "prepare", "apply" and "applied", for who wants to end the process there.
    std::function<void(const std::string& step)> at_step = [](const std::string&) {};

private:
    static consumer::Outcome run(postgres::Transaction& tx, const consumer::Task& task);
};

}  // namespace tollgate::test
