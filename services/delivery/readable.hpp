// Text of unknown origin made fit to stand in a line that people read. Every text of a message has gone
// through `one_line`; what a channel takes for markup is the channel's own to disarm.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::delivery {

// Valid UTF-8 on one line: white space of any kind becomes one space, and what nobody sees (control and
// format characters, direction marks, invisible tags) goes. Joined emoji and flags stay whole; of accents
// piled upon one letter four stay. The same again changes nothing but isolates.
std::string one_line(std::string_view text);

// At most so many UTF-16 units, cut between clusters, the ellipsis included. An isolate that was opened is
// closed.
std::string shortened(std::string_view text, std::size_t units_max);

// One line, shortened; if it has letters written from right to left, within an isolate, so that it does not
// turn the words and amounts around it.
std::string quoted(std::string_view untrusted, std::size_t units_max);

// "a•••@acme.com": enough to know a colleague's customer by, too little to write to.
std::string masked_email(std::string_view address);

}  // namespace tollgate::delivery
