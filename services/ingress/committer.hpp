// Commits batches over one connection of its own, and answers each request once what became of it is certain.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "ingress/answer_counts.hpp"
#include "ingress/commit_metrics.hpp"
#include "ingress/stuck_keys.hpp"
#include "ingress/submission.hpp"
#include "postgres/connection.hpp"
#include "postgres/error.hpp"

namespace tollgate::ingress {

using Answer = std::function<void(Result<Receipt>)>;

struct Pending {
    Events events;
    Answer answer;
    std::chrono::steady_clock::time_point deadline;  // beyond it the answer is that it could not be done
    bool in_doubt = false;                           // a commit of it was begun, and its answer lost
    bool answered = false;
};

class Committer {
public:
    Committer(postgres::ConnectionSettings connection, std::function<void()> announce, StuckKeys& stuck,
              CommitMetrics& metrics, AnswerCounts& counts);

    // Each is answered when it returns. A stop only cuts short the pauses between attempts.
    void settle(std::vector<Pending>& batch, const std::stop_token& stop);

private:
    using Requests = std::vector<Pending*>;
    struct Part {
        Requests requests;
        // Something of them may be known: they are looked up, and settled one after the other.
        bool seen = false;
        // Cut from a part that waited for a lock, or likely to wait: the others must not wait for it again.
        bool impatient = false;
        // Waited for a lock lately. Of many such ones only some are tried.
        bool stuck = false;
    };

    void divide(Requests requests);
    static Requests take_meeting(Requests& requests);
    void attempt(Part& part);
    void commit(Part& part);
    void settle_seen(Part& part);
    void without_warning(const std::function<void()>& commit);
    void recover(Part part, const postgres::SqlError& error, const std::stop_token& stop);
    void split(const Part& part);
    void give_up(Pending& request, const postgres::SqlError& error);
    void drop_expired(Part& part);
    void answer(Pending& request, Result<Receipt> result);
    postgres::Connection& connection();
    void set_patience(bool impatient);
    bool make_days(const Requests& requests);

    const postgres::ConnectionSettings settings_;
    const std::function<void()> announce_;
    StuckKeys& stuck_;
    CommitMetrics& metrics_;
    AnswerCounts& counts_;
    std::optional<postgres::Connection> connection_;
    bool impatient_ = false;
    std::deque<Part> parts_;
    int stuck_in_vain_ = 0;  // of this batch
    unsigned failures_ = 0;  // in a row
    std::string reported_;   // the last failure, told once
};

}  // namespace tollgate::ingress
