// What Slack's blocks.validate would say, without asking it: every limit of Block Kit that is known, and what
// we never send although Slack would take it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::delivery {

// One line for each thing that is wrong: "blocks[0].text: 151 characters, at most 150". Empty: all is well.
std::vector<std::string> slack_violations(std::string_view json);

}  // namespace tollgate::delivery
