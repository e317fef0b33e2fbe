// A request to Slack as it is meant: its message, whether it came as JSON or as a form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "http/request.hpp"

namespace tollgate::test {

enum class SlackRoad { webhook, web_api };

// Of a form the fields, those that are JSON read as such. Nothing if it cannot be read.
std::optional<boost::json::object> slack_message_of(const http::Request& request, SlackRoad road);

// Slack's word for the first thing that is wrong with it; empty if it would be taken. It does not look at who
// sends it where.
std::string slack_fault_of(const boost::json::object& message, SlackRoad road);

// What Slack would take, and we must never send: a mention of everybody, links that unfold.
std::vector<std::string> slack_complaints_about(const boost::json::object& message);

}  // namespace tollgate::test
