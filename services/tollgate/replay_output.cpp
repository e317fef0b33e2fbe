#include "tollgate/replay_output.hpp"

#include <boost/json/parse.hpp>

#include "telemetry/text.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

boost::json::value number_or_null(const std::optional<std::int32_t>& number) {
    return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

}  // namespace

boost::json::object to_json(const consumer::ReplayJob& job) {
    return {{"replay", job.id.text()},
            {"consumer", job.consumer},
            {"state", job.state},
            {"note", text_or_null(job.note)},
            {"total", job.total},
            {"started", job.started},
            {"outstanding", job.outstanding},
            {"done", job.done},
            {"died", job.died},
            {"held", job.held},
            {"discarded", job.discarded},
            {"left", job.left_alone},
            {"failing", job.failing},
            {"actor", job.actor},
            {"reason", job.reason},
            {"filter", boost::json::parse(job.filter)},
            {"rate", number_or_null(job.settings.rate)},
            {"canary", job.settings.canary},
            {"stop_on_errors", number_or_null(job.settings.stop_percent)},
            {"outstanding_max", job.settings.outstanding_max},
            {"created_at", to_rfc3339(job.created_at)},
            {"changed_at", to_rfc3339(job.changed_at)},
            {"ended_at", json_or_null(job.ended_at)}};
}

std::string progress_of(const consumer::ReplayJob& job) {
    std::string line =
        fmt::format("{}: {} of {} started, {} done", job.state, job.started, job.total, job.done);
    const auto add = [&](std::int64_t count, std::string_view what) {
        if (count > 0) line += fmt::format(", {} {}", count, what);
    };
    add(job.outstanding, "outstanding");
    add(job.failing, "of them failing");
    add(job.died, "died again");
    add(job.held, "held");
    add(job.discarded, "discarded");
    add(job.left_alone, "left alone");
    if (job.note) line += ": " + *job.note;
    return line;
}

void print_replay(const consumer::ReplayJob& job) {
    fmt::print("replay    {}\nconsumer  {}\nordered   by {} at {}, because {}\nof        {}\n", job.id,
               job.consumer, job.actor, to_rfc3339(job.created_at), telemetry::printable(job.reason),
               telemetry::printable(job.filter));
    fmt::print("settings  at most {} outstanding, {}, {}, {}\n", job.settings.outstanding_max,
               job.settings.rate ? fmt::format("{} a second", *job.settings.rate) : std::string{"no rate"},
               job.settings.canary > 0 ? fmt::format("a canary of {}", job.settings.canary)
                                       : std::string{"no canary"},
               job.settings.stop_percent
                   ? fmt::format("stops above {}% of failures", *job.settings.stop_percent)
                   : std::string{"whatever fails"});
    fmt::print("state     {}\n", progress_of(job));
    if (job.ended_at) fmt::print("ended     {}\n", to_rfc3339(*job.ended_at));
}

}  // namespace tollgate
