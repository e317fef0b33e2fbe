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

void Health::ready_when(std::string name, Check check, std::chrono::milliseconds settles_within) {
    checks_.push_back({.name = std::move(name), .check = std::move(check), .settles_within = settles_within});
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
    const auto began = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        for (Checked& checked : checks_) {
            Answer answer{.outcome = checked.check(), .at = std::chrono::steady_clock::now()};
            tell(checked, answer.outcome,
                 std::chrono::duration_cast<std::chrono::milliseconds>(answer.at - began));
            const std::lock_guard lock{mutex_};
            answers_.insert_or_assign(checked.name, std::move(answer));
        }
        std::unique_lock lock{mutex_};
        wake.wait_for(lock, stop, settings_.check_every, [] { return false; });
    }
}

// Once each way.
void Health::tell(Checked& checked, const Result<void>& outcome, std::chrono::milliseconds since_start) {
    if (!outcome && !checked.is_told && since_start >= checked.settles_within) {
        telemetry::log::warning("not ready", {{"check", checked.name}, {"error", outcome.error()}});
        checked.is_told = true;
    } else if (outcome && checked.is_told) {
        telemetry::log::info("ready again", {{"check", checked.name}});
        checked.is_told = false;
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

void Health::show_readiness() const {
    if (!started_) return;
    const bool well = readiness().well;
    for (telemetry::Gauge* const gauge : shown_by_) gauge->Set(well ? 1 : 0);
}

}  // namespace tollgate::process
