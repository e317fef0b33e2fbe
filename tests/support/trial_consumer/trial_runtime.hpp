// A consumer's runtime with short times, on either bus: in a test's own process, or in one that is killed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "consumer/runtime.hpp"
#include "consumer/stored_positions.hpp"
#include "support/consumer_member/member.hpp"
#include "support/trial_consumer/trial_handler.hpp"

namespace tollgate::test {

class TrialRuntime {
public:
    using AtStep = std::function<void(const std::string& step)>;
    using Change = std::function<void(consumer::RuntimeSettings&)>;

    // Registers the consumer. `at_step` hears "round" and "committed".
    TrialRuntime(const MemberSettings& settings, consumer::Handler& handler, AtStep at_step = {},
                 const Change& change = {});

    consumer::Runtime& runtime() { return *runtime_; }
    consumer::RuntimeMetrics& metrics() { return metrics_; }

private:
    const Uuid holder_ = make_uuid_v4();
    telemetry::Metrics registry_;
    consumer::RuntimeMetrics metrics_;
    std::unique_ptr<consumer::StoredPositions> positions_;
    std::unique_ptr<consumer::Runtime> runtime_;  // last: it uses the positions as it goes
};

}  // namespace tollgate::test
