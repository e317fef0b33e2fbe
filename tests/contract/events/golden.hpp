// Records as they lie on the wire, written down for review: tests/contract/events/golden.
//
//   # what it is
//   [key]      one line
//   [headers]  name, blank, value
//   [payment]  the payment event as Protobuf text, which has to be the same as
//   [bytes]    the value in hexadecimal
//   [text]     or, of a raw record, the value line by line
#pragma once

#include <string>
#include <vector>

#include "events/payment_event.hpp"

namespace tollgate::test {

struct GoldenRecord {
    std::string key;
    events::Headers headers;
    std::string value;
    events::PaymentEvent payment;
};

// A file under golden, for example "v1/raw.record". Throws if it is not there or malformed.
GoldenRecord read_golden(const std::string& file);

// The lines of a text file under golden, without those that begin with '#'.
std::vector<std::string> read_golden_lines(const std::string& file);

}  // namespace tollgate::test
