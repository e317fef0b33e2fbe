// What stands around the words of a message: buttons, logo, the line below.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/circumstances.hpp"
#include "delivery/layouts.hpp"
#include "delivery/message.hpp"

namespace tollgate::delivery {

// The link as it is if it leads to a named host over https and nowhere else; empty if not.
std::string safe_url(std::string_view url);

std::vector<Button> buttons_of(const v1::PaymentEvent& event, const Layout& layout,
                               const Circumstances& circumstances);
std::optional<Logo> logo_of(const v1::PaymentEvent& event);

// Where it came from, when it happened, which event of ours, why these readers get it.
Text footer_of(const v1::PaymentEvent& event, const Circumstances& circumstances);

}  // namespace tollgate::delivery
