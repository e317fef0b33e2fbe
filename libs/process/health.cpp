#include "process/health.hpp"

#include <condition_variable>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/units.hpp"
#include "telemetry/log.hpp"
#include "telemetry/redaction.hpp"
#include "telemetry/text.hpp"

namespace tollgate::process {

namespace {

Health::Report report_of(bool well, const char* good, const char* bad, boost::json::object checks) {
    const boost::json::object report{{"status", well ? good : bad}, {"checks", std::move(checks)}};
    return {.well = well, .json = boost::json::serialize(report)};
}

std::string in_seconds(std::chrono::steady_clock::duration age) {
    return to_text(std::chrono::duration_cast<std::chrono::seconds>(age));
}

}  // namespace

Health::~Health() {
    end_checks();
}

void Health::end_checks() {
    draining_ = true;
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

Heartbeat& Health::alive_while(std::string name, std::chrono::milliseconds silence_max) {
    beating_.push_back(std::make_unique<Beating>(std::move(name), silence_max));
    return beating_.back()->heartbeat;
}

void Health::ready_when(std::string name, Check check) {
    checks_.push_back({std::move(name), std::move(check)});
}

void Health::wait_for(const std::string& what) {
    const std::lock_guard lock{mutex_};
    waits_for_ = telemetry::valid_utf8(telemetry::redact(what));
}

void Health::start() {
    started_ = true;
    thread_ = std::jthread{[this](const std::stop_token& stop) { run_checks(stop); }};
}

void Health::run_checks(const std::stop_token& stop) {
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        for (const Checked& checked : checks_) {
            Answer answer{.outcome = checked.check(), .at = std::chrono::steady_clock::now()};
            std::unique_lock lock{mutex_};
            const auto before = answers_.find(checked.name);
            const bool was_well = before == answers_.end() || before->second.outcome.has_value();
            const bool is_well = answer.outcome.has_value();
            if (was_well && !is_well) {
                telemetry::log::warning("not ready",
                                        {{"check", checked.name}, {"error", answer.outcome.error()}});
            } else if (!was_well && is_well) {
                telemetry::log::info("ready again", {{"check", checked.name}});
            }
            answers_.insert_or_assign(checked.name, std::move(answer));
        }
        std::unique_lock lock{mutex_};
        wake.wait_for(lock, stop, settings_.check_every, [] { return false; });
    }
}

Health::Report Health::liveness() const {
    bool well = true;
    boost::json::object checks;
    if (!started_) return report_of(well, "alive", "stuck", std::move(checks));
    for (const auto& beating : beating_) {
        const auto age = beating->heartbeat.age();
        const bool alive = age <= beating->silence_max;
        well = well && alive;
        checks[beating->name] = alive ? "ok" : "silent for " + in_seconds(age);
    }
    return report_of(well, "alive", "stuck", std::move(checks));
}

Health::Report Health::readiness() const {
    bool well = !draining_;
    boost::json::object checks;
    const std::lock_guard lock{mutex_};
    if (!started_) return report_of(false, "ready", "not ready", {{"process", waits_for_}});
    if (draining_) checks["process"] = "stopping";
    for (const Checked& checked : checks_) {
        const auto answer = answers_.find(checked.name);
        std::string text = "ok";
        if (answer == answers_.end()) {
            text = "not checked yet";
        } else if (const auto age = std::chrono::steady_clock::now() - answer->second.at;
                   age > settings_.answer_valid_for) {
            text = "no answer for " + in_seconds(age);
        } else if (!answer->second.outcome) {
            text = telemetry::valid_utf8(telemetry::redact(answer->second.outcome.error().text()));
        }
        well = well && text == "ok";
        checks[checked.name] = text;
    }
    return report_of(well, "ready", "not ready", std::move(checks));
}

}  // namespace tollgate::process
