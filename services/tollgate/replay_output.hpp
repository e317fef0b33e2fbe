// How a replay is printed: its progress as a line, all of it as lines or JSON.
#pragma once

#include <boost/json/object.hpp>

#include "consumer/replay_jobs.hpp"

namespace tollgate {

boost::json::object to_json(const consumer::ReplayJob& job);
// "running: 40 of 900 started, 36 done, 1 died again, 3 outstanding"
std::string progress_of(const consumer::ReplayJob& job);
void print_replay(const consumer::ReplayJob& job);

}  // namespace tollgate
