// How an event that is held is shown.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

#include "ingress/held.hpp"

namespace tollgate {

boost::json::object to_json(const ingress::HeldEvent& held);
boost::json::value to_json(const std::optional<ingress::Content>& content);

void print_held(const ingress::HeldEvent& held);
void tell_how_to_decide(const ingress::HeldEvent& held);
// What was received, under what it is to be called.
void print_content(std::string_view which, const std::optional<ingress::Content>& content);

}  // namespace tollgate
