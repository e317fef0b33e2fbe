// A handler that does what the messages say, after it has written an effect: a body is a number and, after a
// space, what goes wrong with it.
//
//   7                 is done: a row (event, "7") in public.effect
//   7 reject          is rejected             7 throw       throws          7 throw 2   ... twice, then is
//   done 7 retry 2         asks for a retry twice  7 hold        is held         7 nonsense  gives too few
//   outcomes 7 data            divides by zero         7 commit      breaks a constraint that is checked at
//   the commit 7 unprepared      throws in `prepare`     7 crash       ends the process          7 hang never
//   returns 7 locked          fails as a server does that is going down, while there is a row in public.shut
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
