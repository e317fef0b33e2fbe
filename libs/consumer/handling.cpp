#include "consumer/handling.hpp"

#include <algorithm>
#include <exception>

#include "postgres/error.hpp"

namespace tollgate::consumer {

namespace {

using postgres::SqlError;

std::unexpected<Failure> at_fault(std::string reason, bool rejected = false) {
    Error error{ErrorCode::bad_data, reason};
    return std::unexpected{Failure{std::move(error), Fault{std::move(reason), rejected}}};
}

// What Postgres says of the line, of the server, of others' locks or of what is not granted: it would say the
// same of any message. What it says besides, our own functions' exceptions included, it says of the data.
bool is_nobodys_fault(ErrorCode code) {
    switch (code) {
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
        case ErrorCode::contended:
        case ErrorCode::in_doubt:
        case ErrorCode::fenced:
        case ErrorCode::overloaded:
        case ErrorCode::misconfigured:
            return true;
        default:
            return false;
    }
}

// Of an exception of the handler's.
std::unexpected<Failure> thrown(const std::exception& exception) {
    if (const auto* sql = dynamic_cast<const SqlError*>(&exception);
        sql != nullptr && is_nobodys_fault(sql->code())) {
        throw;  // NOLINT(misc-throw-by-value-catch-by-reference): on to `transact`
    }
    return at_fault(exception.what());
}

}  // namespace

bool may_be_its_own(ErrorCode code) {
    return code == ErrorCode::unavailable || code == ErrorCode::timed_out || code == ErrorCode::contended;
}

std::optional<Fault> fault_of_commit(const Error& error, std::string_view sqlstate) {
    if (sqlstate == "25P02")
        return Fault{"the handler went on after a statement that had failed: it must let SqlError pass"};
    // A deferred trigger that refuses does so here.
    if (!is_nobodys_fault(error.code)) return Fault{error.detail};
    return std::nullopt;
}

std::string_view name(Cause cause) {
    switch (cause) {
        case Cause::stream:
            return "stream";
        case Cause::replay:
            return "replay";
        case Cause::redo:
            return "redo";
    }
    return "stream";
}

Handled<void> prepare(Handler& handler, std::span<const Task> batch,
                      std::chrono::steady_clock::time_point end) {
    if (!handler.prepares() || batch.empty()) return {};
    try {
        auto prepared = handler.prepare(batch, end);
        if (prepared) return {};
        const bool passes = disposition(prepared.error().code) != Disposition::reject;
        if (passes) return std::unexpected{Failure{prepared.error(), std::nullopt}};
        return at_fault(prepared.error().text());
    } catch (const SqlError& error) {
        if (is_nobodys_fault(error.code())) return std::unexpected{Failure{error.error(), std::nullopt}};
        return at_fault(error.what());
    } catch (const std::exception& exception) {
        return at_fault(exception.what());
    } catch (...) {
        return at_fault("the handler threw something that is no std::exception");
    }
}

Handled<std::vector<Outcome>> apply(Handler& handler, postgres::Transaction& tx,
                                    std::span<const Task> batch) {
    if (batch.empty()) return std::vector<Outcome>{};
    std::vector<Outcome> outcomes;
    try {
        outcomes = handler.apply(tx, batch);
    } catch (const std::exception& exception) {
        return thrown(exception);
    } catch (...) {
        return at_fault("the handler threw something that is no std::exception");
    }
    if (outcomes.size() != batch.size()) {
        return at_fault(
            fmt::format("the handler gave {} outcomes for {} messages", outcomes.size(), batch.size()));
    }
    const auto rejected = std::ranges::find_if(
        outcomes, [](const Outcome& outcome) { return std::holds_alternative<Reject>(outcome); });
    if (rejected != outcomes.end()) return at_fault(std::get<Reject>(*rejected).reason, true);
    return outcomes;
}

}  // namespace tollgate::consumer
