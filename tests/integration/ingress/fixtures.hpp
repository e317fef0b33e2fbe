// A database as ingress finds it, and requests to put into it.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "ingress/group_commit.hpp"
#include "support/database.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> ingress_schemas;

// One that differs from another only where it is told to.
struct Incoming {
    std::string id = "evt_1";
    std::string content = "{}";
    std::string second_key;  // none if empty
};

ingress::Events request(const Incoming& incoming);
// Several in one body, in order.
ingress::Events request(const std::vector<Incoming>& incoming);

// Of one source; another's are apart.
extern const Uuid tenant;
extern const Uuid source;

class Ingress {
public:
    explicit Ingress(const postgres::ConnectionSettings& connection,
                     const ingress::GroupCommitSettings& settings = {});

    std::future<Result<ingress::Receipt>> begin(ingress::Events events);
    Result<ingress::Receipt> commit(ingress::Events events) { return begin(std::move(events)).get(); }
    // Of a request with one event that must succeed.
    ingress::Outcome commit_one(const Incoming& incoming);

    ingress::AnswerCounts& counts() { return counts_; }
    int announced() const { return *announced_; }

private:
    std::shared_ptr<std::atomic<int>> announced_ = std::make_shared<std::atomic<int>>(0);
    telemetry::Metrics metrics_;
    SystemClock clock_;
    ingress::AnswerCounts counts_{clock_};
    ingress::GroupCommit group_commit_;
};

// What is stored, as the owner sees it.
struct Stored {
    std::vector<Uuid> events;
    std::vector<Uuid> entries;  // in the order of the journal
    std::vector<Uuid> held;
    std::int64_t keys = 0;
};
Stored stored(const postgres::ConnectionSettings& owner);

}  // namespace tollgate::test
